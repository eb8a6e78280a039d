import { buildPath, pathToString } from '@bufbuild/protobuf/reflect';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigSchema, ProviderSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { entryPath, fieldPath, itemPath, parentPath } from '../../server/config/config-path.ts';

test('paths are spelt as the validator spells them, and lead back to the root step by step', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.string(), (index, key) => {
      const list = fieldPath('', 'providers');
      const item = itemPath(list, index);
      const map = fieldPath(item, 'headers');
      const entry = entryPath(map, key);
      const theirs = buildPath(ConfigSchema)
        .field(ConfigSchema.field.providers)
        .list(index)
        .field(ProviderSchema.field.headers)
        .map(key);
      expect(entry).toBe(pathToString(theirs.toPath()));
      expect(parentPath(entry)).toBe(map);
      expect(parentPath(map)).toBe(item);
      expect(parentPath(item)).toBe(list);
      expect(parentPath(list)).toBe('');
      expect(parentPath('')).toBeUndefined();
    }),
  );
});
