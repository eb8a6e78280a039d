/** A hint such as '; did you mean "base_url"?', or nothing where no known name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}

/** The known name that a misspelt one most likely means. Case and separators count for nothing: baseUrl is base_url. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Longer names are cut: they are no typing mistakes, and the distance costs the product of both lengths. */
function plain(name: string): string {
  return name
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[_\-. ]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one to the other. */
function editDistance(left: string, right: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let i = 0; i < left.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < right.length; j += 1) {
      const replaced = at(last, j) + (left[i] === right[j] ? 0 : 1);
      const swapped = left[i] === right[j - 1] && left[i - 1] === right[j] ? at(beforeLast, j - 1) + 1 : replaced;
      row.push(Math.min(replaced, swapped, at(last, j + 1) + 1, at(row, j) + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
