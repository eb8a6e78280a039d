/** The path of a field, in the spelling of protobuf-es's pathToString: providers[0].headers["x-team"]. */
export function fieldPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

export function itemPath(parent: string, index: number): string {
  return `${parent}[${index}]`;
}

export function entryPath(parent: string, key: string): string {
  const escaped = key.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  return `${parent}["${escaped}"]`;
}

/** The path that holds this one; undefined for the root, whose path is empty. */
export function parentPath(path: string): string | undefined {
  if (path === '') return undefined;
  const parent = /^(.*?)(?:\.?\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])$/s.exec(path)?.[1];
  return parent ?? '';
}
