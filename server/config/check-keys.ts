import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Finding } from './problems.ts';

/** Checks that each key is given in exactly one way. */
export function checkKeys(config: Config): readonly Finding[] {
  return config.keys.flatMap(({ secret, hash }, index) => {
    if (secret === '' && hash === '') {
      return [{ path: `keys[${index}].secret`, message: 'is missing: give the key by secret or by hash' }];
    }
    if (secret !== '' && hash !== '') {
      return [{ path: `keys[${index}].hash`, message: 'stands beside secret: give the key in one of the two ways' }];
    }
    return [];
  });
}
