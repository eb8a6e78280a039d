/** The names of a request's documents as they are sent: of the alphabet that is taken, and no two alike. */
export interface DocumentNames {
  /** The name for a document that is called so; extension: that of its format, which the name need not repeat. */
  nameOf(called: string, extension: string): string;
}

/** In characters. */
const MAX_NAME = 200;
/** Room for a number that tells two alike apart. */
const ROOM = 8;

/**
 * Letters, digits, hyphens, brackets of two kinds, and single spaces:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
 */
export function createDocumentNames(): DocumentNames {
  const used = new Set<string>();
  return {
    nameOf(called, extension) {
      const plain = fitName(called, extension);
      let name = plain;
      for (let count = 2; used.has(name); count += 1) name = `${plain.slice(0, MAX_NAME - ROOM)} (${count})`;
      used.add(name);
      return name;
    },
  };
}

function fitName(called: string, extension: string): string {
  const suffix = `.${extension}`;
  const bare = called.toLowerCase().endsWith(suffix) ? called.slice(0, -suffix.length) : called;
  const fit = bare
    .replaceAll(/[^a-zA-Z0-9()[\] -]+/g, '-')
    .replaceAll(/ {2,}/g, ' ')
    .slice(0, MAX_NAME)
    .trim();
  return /[a-zA-Z0-9]/.test(fit) ? fit : 'document';
}
