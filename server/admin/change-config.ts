import { create } from '@bufbuild/protobuf';
import {
  type ConfigChange,
  ConfigChangeSchema,
  type ConfigRevision,
} from '../../gen/sluice/admin/v1/config_revision_pb.ts';
import {
  type ApplyConfigRequest,
  type ApplyConfigResponse,
  ApplyConfigResponseSchema,
  type RollbackConfigRequest,
  type RollbackConfigResponse,
  RollbackConfigResponseSchema,
} from '../../gen/sluice/admin/v1/config_service_pb.ts';
import type { ChangeResult, NewConfig } from '../config/config-keeper.ts';
import { diffConfig } from '../config/diff-config.ts';
import type { Problem } from '../config/problems.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type Asker, admitAdmin, type ConfigDeps } from './admit-admin.ts';
import { revisionMessage } from './revision-message.ts';

/**
 * Puts a text in force. Throws UNAUTHENTICATED, PERMISSION_DENIED, INVALID_REQUEST with a violation for each finding,
 * CONFIG_REVISION_STALE, STORE_UNAVAILABLE.
 */
export async function applyConfig(
  deps: ConfigDeps,
  asker: Asker,
  { yaml, expectedRevision, dryRun }: ApplyConfigRequest,
): Promise<ApplyConfigResponse> {
  const { keyId } = admitAdmin(deps, asker, 'ApplyConfig');
  return create(ApplyConfigResponseSchema, await change(deps, { yaml, expectedRevision, dryRun, keyId }));
}

/** Puts an earlier text in force again. Throws CONFIG_REVISION_NOT_FOUND, and what applyConfig does. */
export async function rollbackConfig(
  deps: ConfigDeps,
  asker: Asker,
  { revision, expectedRevision, dryRun }: RollbackConfigRequest,
): Promise<RollbackConfigResponse> {
  const { keyId } = admitAdmin(deps, asker, 'RollbackConfig');
  const yaml = await textOf(deps, revision);
  return create(RollbackConfigResponseSchema, await change(deps, { yaml, expectedRevision, dryRun, keyId }));
}

/** The text of a revision. The one in force need not be in the history. */
async function textOf({ keeper }: ConfigDeps, revision: string): Promise<string> {
  const inForce = keeper.inForce();
  if (inForce.revision === revision) return inForce.text;
  const record = await keeper.store.find(revision);
  if (record !== undefined) return record.yaml;
  throw new SluiceError('CONFIG_REVISION_NOT_FOUND', `The history has no revision ${revision}.`, {
    metadata: { revision },
  });
}

/** What both answers say. */
interface Changed {
  readonly revision: ConfigRevision;
  readonly oldRevision: string;
  readonly changes: ConfigChange[];
}

async function change({ keeper, logger }: ConfigDeps, next: NewConfig): Promise<Changed> {
  const { before, after } = changed(await keeper.change(next), next);
  const { revision, source } = after;
  if (!next.dryRun) {
    logger.info('configuration applied', { revision, source, key_id: next.keyId, old_revision: before.revision });
  }
  return {
    revision: revisionMessage(after, !next.dryRun),
    oldRevision: before.revision,
    changes: diffConfig(before.config, after.config).map(({ path, before: old, after: young }) =>
      create(ConfigChangeSchema, {
        path,
        ...(old !== undefined && { oldJson: old }),
        ...(young !== undefined && { newJson: young }),
      }),
    ),
  };
}

function changed(result: ChangeResult, { expectedRevision }: NewConfig): Extract<ChangeResult, { kind: 'ok' }> {
  if (result.kind === 'ok') return result;
  if (result.kind === 'bad') throw badConfig(result.problems);
  const { revision } = result;
  throw new SluiceError(
    'CONFIG_REVISION_STALE',
    `Revision ${revision} is in force, and not ${expectedRevision}, which was expected.`,
    { metadata: { current_revision: revision, expected_revision: expectedRevision } },
  );
}

/** How many findings an error tells of: the headers that carry it are bounded. ValidateConfig gives them all. */
const MOST_FINDINGS = 20;

function badConfig(problems: readonly Problem[]): SluiceError {
  const violations = problems.slice(0, MOST_FINDINGS).map(({ path, line, column, message }) => ({
    field: path === '' ? 'yaml' : path,
    description: `line ${line}, column ${column}: ${message}`,
  }));
  const more = problems.length > 1 ? ` There are ${problems.length} findings; ValidateConfig tells all.` : '';
  const [first] = violations;
  return new SluiceError('INVALID_REQUEST', `${first?.field}: ${first?.description}.${more}`, {
    metadata: { field: 'yaml' },
    violations,
  });
}
