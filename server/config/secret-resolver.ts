import { Secret } from '../core/secret.ts';

/** A secret, or why there is none. The message names the reference and never the value. */
export type ResolvedSecret =
  | { readonly kind: 'ok'; readonly secret: Secret }
  | { readonly kind: 'missing'; readonly message: string };

/** Looks up what a reference such as env:NAME or file:path stands for. */
export interface SecretResolver {
  /** Never rejects. */
  resolve(reference: string): Promise<ResolvedSecret>;
}

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretResolverDeps {
  readonly env: Environment;
  /** Reads a file as text; relative paths are the caller's affair. */
  readonly readFile: (path: string) => Promise<string>;
}

export function createSecretResolver(deps: SecretResolverDeps): SecretResolver {
  return {
    async resolve(reference) {
      if (reference.startsWith('env:')) return fromVariable(deps.env, reference.slice('env:'.length));
      if (reference.startsWith('file:')) return fromFile(deps, reference.slice('file:'.length));
      return { kind: 'missing', message: 'is no reference: write env:NAME or file:path' };
    },
  };
}

function fromVariable(env: Environment, name: string): ResolvedSecret {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined) return { kind: 'missing', message: `the environment variable ${name} is not set` };
  if (value === '') return { kind: 'missing', message: `the environment variable ${name} is empty` };
  return { kind: 'ok', secret: new Secret(value) };
}

async function fromFile(deps: SecretResolverDeps, path: string): Promise<ResolvedSecret> {
  let text: string;
  try {
    text = await deps.readFile(path);
  } catch (error) {
    return { kind: 'missing', message: `the file ${path} cannot be read${errorCode(error)}` };
  }
  // Editors and echo end a file with a newline that is no part of the secret.
  const value = text.replace(/\r?\n$/, '');
  if (value === '') return { kind: 'missing', message: `the file ${path} is empty` };
  return { kind: 'ok', secret: new Secret(value) };
}

/** As in " (ENOENT)". The system's own message is left out, for it can repeat what it read. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
}
