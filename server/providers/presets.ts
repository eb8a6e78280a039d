import { CLOUD_PRESETS } from './cloud-presets.ts';
import { HOSTED_PRESETS } from './hosted-presets.ts';
import { LOCAL_PRESETS } from './local-presets.ts';
import type { ProviderPreset } from './preset.ts';

/** All built-in providers by name, in the order in which lists show them. */
export const PRESETS: ReadonlyMap<string, ProviderPreset> = new Map(
  [...HOSTED_PRESETS, ...CLOUD_PRESETS, ...LOCAL_PRESETS].map((preset) => [preset.name, preset]),
);
