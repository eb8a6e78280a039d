/** Where a looked-up name came from: the model's own names, or a rule that takes a snapshot for its family. */
export type NameMatch = 'own' | 'family';

/** Names under which a model may stand in the catalogue, the surest first. At most a handful, whatever the name. */
export function* modelNames(provider: string, model: string): Iterable<readonly [name: string, match: NameMatch]> {
  yield [model, 'own'];
  const plain = withoutPlace(provider, model);
  if (plain !== model) yield [plain, 'own'];
  if (provider === 'bedrock') {
    for (const name of new Set([model, plain])) {
      const bare = name.replace(BEDROCK_VERSION, '');
      if (bare !== name) yield [bare, 'own'];
    }
    return;
  }
  const family = plain.replace(SNAPSHOT, '');
  if (family !== plain) yield [family, 'family'];
}

/** Inference profiles: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html */
const BEDROCK_PLACE = /^(?:apac|au|ca|eu|global|in|jp|sa|us|us-gov)\./;

/** As in amazon.nova-pro-v1:0 or openai.gpt-oss-120b-1:0. */
const BEDROCK_VERSION = /(?:-v\d{1,3})?(?::\d{1,3})?$/;

/** A dated snapshot, as in -2025-04-14, -20250805 or @20251101, a revision of Google's, as in -001, or the newest. */
const SNAPSHOT = /(?:-\d{4}-\d{2}-\d{2}|[-@]\d{8}|-00\d|-latest|@default)$/;

/** The name without what only says where it is served or how it is addressed. */
function withoutPlace(provider: string, model: string): string {
  if (provider === 'bedrock') return model.slice(model.lastIndexOf('/') + 1).replace(BEDROCK_PLACE, '');
  if (provider === 'gemini' || provider === 'vertex') return model.replace(/^models\//, '');
  return model;
}
