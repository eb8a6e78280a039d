/** Models that came before thinking did, and take nothing of it: https://docs.cohere.com/docs/models */
const THOUGHTLESS =
  /^(?:command-r|command-light|command-nightly|command-a-(?:03|vision|translate)|c4ai-|aya-|tiny-aya)/i;

/** Whether thinking can be asked of a model, and its thoughts can go back to it. Models that are not known can. */
export function canThink(model: string): boolean {
  return !THOUGHTLESS.test(model);
}
