import { parentPath } from './config-path.ts';
import type { DecodedConfig } from './decode-config.ts';
import type { TextPosition, YamlTree } from './parse-yaml.ts';
import type { Finding, Problem } from './problems.ts';

/** A file as it was read. */
export interface ReadFile {
  readonly file: string;
  readonly tree: YamlTree;
  readonly decoded: DecodedConfig;
}

/**
 * All that is wrong with a file, in the order in which it stands there. Of several findings about one field only the
 * first is told; and nothing more is told of a field, or what it holds, once it could not be decoded.
 */
export function placeFindings(read: ReadFile, findings: readonly Finding[]): readonly Problem[] {
  const { file, tree, decoded } = read;
  const place = ({ path, message }: Finding, position: TextPosition): Problem => ({ file, ...position, path, message });
  const undecoded = new Set(decoded.findings.map((finding) => finding.path));
  const told = new Set<string>();
  const problems = [
    ...tree.errors.map(({ offset, message }) => place({ path: '', message }, tree.positionOf(offset))),
    ...decoded.findings.map((finding) => place(finding, tree.positionOf(finding.offset))),
  ];
  for (const finding of findings) {
    if (told.has(finding.path) || isWithin(finding.path, undecoded)) continue;
    told.add(finding.path);
    problems.push(place(finding, tree.positionOf(nearestOffset(decoded.offsets, finding.path))));
  }
  return problems.sort((left, right) => left.line - right.line || left.column - right.column);
}

function isWithin(path: string, paths: ReadonlySet<string>): boolean {
  for (let at: string | undefined = path; at !== undefined; at = parentPath(at)) {
    if (paths.has(at)) return true;
  }
  return false;
}

/** A field that is missing is told of at what should hold it. */
function nearestOffset(offsets: ReadonlyMap<string, number>, path: string): number {
  for (let at: string | undefined = path; at !== undefined; at = parentPath(at)) {
    const offset = offsets.get(at);
    if (offset !== undefined) return offset;
  }
  return 0;
}
