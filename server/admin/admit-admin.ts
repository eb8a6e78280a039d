import { authenticate } from '../auth/authenticate.ts';
import { authorize } from '../auth/method-roles.ts';
import type { Principal } from '../auth/principal.ts';
import type { ConfigKeeper } from '../config/config-keeper.ts';
import type { SnapshotHolder } from '../config/snapshot.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What the use cases of the configuration need. */
export interface ConfigDeps {
  readonly keeper: ConfigKeeper;
  readonly logger: Pick<Logger, 'info'>;
}

/** Who knocks, as a door read it from the headers. */
export interface Asker {
  /** SHA-256 of the key presented; undefined where none was. */
  readonly keySha256: Buffer | undefined;
}

/** Who may call a method, given as "package.Service/Method". Throws UNAUTHENTICATED, PERMISSION_DENIED. */
export function admitAsker(config: SnapshotHolder, asker: Asker, method: string): Principal {
  const principal = authenticate(config.current().keys, asker.keySha256);
  authorize(principal, method);
  return principal;
}

/** Who may call a method of ConfigService, given by its name. */
export function admitAdmin({ keeper }: Pick<ConfigDeps, 'keeper'>, asker: Asker, method: string): Principal {
  return admitAsker(keeper.holder, asker, `sluice.admin.v1.ConfigService/${method}`);
}
