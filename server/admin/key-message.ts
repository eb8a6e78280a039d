import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Key, KeySchema, KeyState } from '../../gen/sluice/admin/v1/key_pb.ts';
import { KeyRole } from '../../gen/sluice/config/v1/config_pb.ts';
import { type KeyEntry, keyState } from '../auth/key-entry.ts';

/** A key in the words of the contract. */
export function keyMessage(entry: KeyEntry, nowMs: number): Key {
  const { id, projectId, displayName, role, creatorKeyId, models, requiredMetadata, old } = entry;
  const at = (ms: number | undefined) => (ms === undefined ? undefined : timestampFromMs(ms));
  const times = {
    createTime: at(entry.createdAtMs),
    notBeforeTime: at(entry.notBeforeMs),
    expireTime: at(entry.expiresAtMs),
    revokeTime: at(entry.revokedAtMs),
    oldSecretExpireTime: old === undefined || old.untilMs <= nowMs ? undefined : at(old.untilMs),
  };
  const message = create(KeySchema, {
    id,
    projectId,
    displayName,
    role: KeyRole[role],
    scope: { models: [...models], requiredMetadata: [...requiredMetadata] },
    state: KeyState[keyState(entry, nowMs)],
    creatorKeyId,
  });
  return Object.assign(message, times);
}
