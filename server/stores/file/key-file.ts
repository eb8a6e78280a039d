import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKey, type StoredKey } from '../../auth/generate-key.ts';
import type { KeyRecord } from '../../auth/key-ring.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';

export interface FirstKey {
  readonly record: KeyRecord;
  /** The whole key, where this call made it; to be shown once, for only its hash is kept. */
  readonly created?: Secret;
}

/**
 * The key of the first start, kept hashed in keys.json below the data folder: read, or made where there is none. Of
 * several processes that start at once, one makes it and the others read it. Throws an Error that says what to do
 * where the file is not as it was written.
 */
export async function loadOrCreateKey(dataDir: string): Promise<FirstKey> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'keys.json');
  const kept = await readKey(path);
  if (kept !== undefined) return { record: toRecord(kept) };
  const made = generateKey();
  if (await publish(dataDir, path, made.stored)) return { record: toRecord(made.stored), created: made.key };
  const other = await readKey(path);
  if (other === undefined) throw new Error(`${path} was made by another process and removed again; start once more.`);
  return { record: toRecord(other) };
}

async function readKey(path: string): Promise<StoredKey | undefined> {
  try {
    return parseKey(path, await readFile(path, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseKey(path: string, text: string): StoredKey {
  const key = firstKeyOf(text);
  if (key !== undefined) return key;
  throw new Error(
    `${path} is not a key file of Sluice. Restore it from a backup, or delete it: a new key is then made and the old one stops working.`,
  );
}

function firstKeyOf(text: string): StoredKey | undefined {
  const file = parseJson(text);
  const keys = isJsonObject(file) ? file.keys : undefined;
  const key: unknown = Array.isArray(keys) ? keys[0] : undefined;
  if (!isJsonObject(key)) return undefined;
  const { id, sha256 } = key;
  if (typeof id !== 'string' || id === '') return undefined;
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? { id, sha256 } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts the whole file in place or none of it; false where another process was first. */
async function publish(dataDir: string, path: string, key: StoredKey): Promise<boolean> {
  const draft = join(dataDir, `keys.json.${randomUUID()}`);
  try {
    await writeDurably(draft, `${JSON.stringify({ keys: [key] }, undefined, 2)}\n`);
    // Unlike rename, link does not replace: of two processes, the second fails and reads what the first wrote.
    await link(draft, path);
    await syncFolder(dataDir);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name itself durable. Windows opens no folders, and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Whoever starts a gateway of his own may do all there is to do with it. */
function toRecord(key: StoredKey): KeyRecord {
  return {
    principal: { keyId: key.id, metadata: undefined, role: 'ADMIN' },
    sha256: Buffer.from(key.sha256, 'hex'),
  };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
