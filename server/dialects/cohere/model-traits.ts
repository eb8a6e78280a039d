/** Models that came before thinking did, and take nothing of it: https://docs.cohere.com/docs/models */
const THOUGHTLESS =
  /^(?:command-r|command-light|command-nightly|command-a-(?:03|vision|translate)|c4ai-|aya-|tiny-aya)/i;

/** Models that read text alone; they answer pictures with 400. */
const BLIND =
  /^(?:command-r|command-light|command-nightly|command-a-(?:03|reasoning|translate)|c4ai-command|c4ai-aya-(?:expanse|23)|tiny-aya)/i;

/** Whether a model takes pictures. Models that are not known do. */
export function canSee(model: string): boolean {
  return !BLIND.test(model);
}

/** Whether thinking can be asked of a model, and its thoughts can go back to it. Models that are not known can. */
export function canThink(model: string): boolean {
  return !THOUGHTLESS.test(model);
}
