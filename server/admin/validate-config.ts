import { create } from '@bufbuild/protobuf';
import {
  type ValidateConfigResponse,
  ValidateConfigResponseSchema,
} from '../../gen/sluice/admin/v1/config_service_pb.ts';
import { type Asker, admitAdmin, type ConfigDeps } from './admit-admin.ts';

/** What is wrong with a text. Throws UNAUTHENTICATED, PERMISSION_DENIED. */
export async function validateConfig(deps: ConfigDeps, asker: Asker, yaml: string): Promise<ValidateConfigResponse> {
  admitAdmin(deps, asker, 'ValidateConfig');
  const result = await deps.keeper.check(yaml);
  return create(
    ValidateConfigResponseSchema,
    result.kind === 'ok'
      ? { revision: result.snapshot.revision }
      : { findings: result.problems.map(({ path, line, column, message }) => ({ path, line, column, message })) },
  );
}
