import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Finding } from './problems.ts';

/** Checks that each origin is one as browsers send it, or "*" alone. */
export function checkCors(config: Config): readonly Finding[] {
  const origins = config.cors?.allowedOrigins ?? [];
  return origins.flatMap((origin, index) => {
    const message = complaint(origin, origins.length);
    return message === undefined ? [] : [{ path: `cors.allowed_origins[${index}]`, message }];
  });
}

function complaint(origin: string, count: number): string | undefined {
  if (origin === '*') return count === 1 ? undefined : '"*" allows any origin, so it must stand alone';
  const url = URL.parse(origin);
  if (url !== null && url.origin === origin && /^https?:$/.test(url.protocol)) return undefined;
  return 'must be an origin such as https://app.example.com, without a path or a slash at its end';
}
