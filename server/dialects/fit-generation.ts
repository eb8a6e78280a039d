import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import { type FittedNames, fitToolNames, type ToolNameRule } from './fit-tool-name.ts';
import type { Losses } from './losses.ts';
import { wrapSchemas } from './wrap-schema.ts';

/**
 * The request with what many formats refuse made fit for one of them: names of tools that it does not take, and schemas
 * that are of no plain object. Answers are undone by restore-tool-names.ts and unwrap-value.ts. Throws SluiceError
 * INVALID_REQUEST where a schema is no JSON object.
 */
export function fitGeneration(generation: Generation, rule: ToolNameRule, losses: Losses): FittedNames {
  const { generation: named, names } = fitToolNames(generation, rule, losses);
  return { generation: wrapSchemas(named, losses), names };
}
