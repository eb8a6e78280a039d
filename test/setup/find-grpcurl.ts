import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Found } from './found.ts';

/** grpcurl, on the path or where "go install" puts it. */
export function findGrpcurl(): Found {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  const path = folders.map((folder) => join(folder, 'grpcurl')).find(isExecutable);
  return path === undefined ? { missing: 'grpcurl is neither on the path nor in ~/go/bin' } : { path };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
