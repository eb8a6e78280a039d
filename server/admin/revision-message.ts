import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type ConfigRevision,
  ConfigRevisionSchema,
  ConfigSource,
} from '../../gen/sluice/admin/v1/config_revision_pb.ts';
import type { ConfigRevisionEntry } from '../config/config-revision-store.ts';

/** A revision in the words of the contract. */
export function revisionMessage(entry: ConfigRevisionEntry, current: boolean): ConfigRevision {
  return create(ConfigRevisionSchema, {
    revision: entry.revision,
    source: ConfigSource[entry.source],
    createTime: timestampFromMs(entry.createdAtMs),
    keyId: entry.keyId,
    current,
  });
}
