import { compileModels } from './compile-models.ts';
import { decodeConfig } from './decode-config.ts';
import type { ConfigText } from './load-config.ts';
import { parseYaml } from './parse-yaml.ts';
import { placeFindings } from './place-findings.ts';
import type { Problem } from './problems.ts';
import { validateConfig } from './validate-config.ts';

/**
 * All that is wrong with a text that can be told without the machine that it is for: references to secrets are not followed,
 * the catalogue files that it names are read. Empty where nothing is. Never rejects.
 */
export async function checkConfigText(
  { file = 'configuration', text }: ConfigText,
  readFile: (path: string) => Promise<string>,
): Promise<readonly Problem[]> {
  if (text.trim() === '') return [{ file, line: 1, column: 1, path: '', message: 'The file is empty.' }];
  const tree = parseYaml(text);
  const decoded = decodeConfig(tree);
  const isTree = tree.errors.length === 0 && !decoded.findings.some(({ path }) => path === '');
  if (!isTree) return placeFindings({ file, tree, decoded }, []);
  const models = await compileModels(decoded.config, readFile);
  return placeFindings({ file, tree, decoded }, [...validateConfig(decoded.config), ...models.findings]);
}
