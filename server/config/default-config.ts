import { create } from '@bufbuild/protobuf';
import { type Provider, ProviderSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { PRESETS } from '../providers/presets.ts';
import type { Environment } from './secret-resolver.ts';

/** The built-in providers whose usual environment variable is set and whose address is known, under their own names. */
export function defaultProviders(env: Environment): readonly Provider[] {
  return [...PRESETS.values()]
    .filter(({ baseUrl, envVars }) => baseUrl !== '' && envVars.some((name) => (env[name] ?? '') !== ''))
    .map(({ name }) => create(ProviderSchema, { name, preset: name }));
}
