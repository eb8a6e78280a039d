import { SluiceError } from '../errors/sluice-error.ts';

/** The place of the model in a path. */
const MODEL_PLACE = '{model}';

/** The path segments that mean another place than they name; no encoding makes them harmless. */
const DOTS: ReadonlySet<string> = new Set(['.', '..']);

/** Whether a path has a place for the model. */
export function holdsModel(path: string): boolean {
  return path.includes(MODEL_PLACE);
}

/**
 * A path of WireQuirks or of a format, with the model, URL-encoded, in the place of {model}; whatever its name, it stays
 * one segment of the path. Throws SluiceError MODEL_NOT_FOUND for names that cannot be one.
 */
export function providerPath(path: string, model: string): string {
  if (!holdsModel(path)) return path;
  if (model === '' || DOTS.has(model)) {
    throw new SluiceError('MODEL_NOT_FOUND', `The provider can have no model named "${model}".`);
  }
  // A lone surrogate has no encoding; the provider gets what UTF-8 makes of it.
  const segment = encodeURIComponent(model.toWellFormed());
  return path.replaceAll(MODEL_PLACE, () => segment);
}
