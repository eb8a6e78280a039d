/** Stands for all names beyond the bound. */
export const OTHER = 'other';

/** Names that callers can make up, as labels: the first so many as they are, all later ones as "other". */
export function createBoundedNames(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return OTHER;
    known.add(name);
    return name;
  };
}

/** The same for "provider/model": each text is made once. */
export function createBoundedAddresses(most: number): (provider: string, model: string) => string {
  const known = new Map<string, Map<string, string>>();
  let size = 0;
  return (provider, model) => {
    const address = known.get(provider)?.get(model);
    if (address !== undefined) return address;
    if (size >= most) return OTHER;
    size += 1;
    const models = known.get(provider) ?? new Map<string, string>();
    known.set(provider, models.set(model, `${provider}/${model}`));
    return `${provider}/${model}`;
  };
}
