/**
 * The text of a JSON object without its members of such a name; everything else stays byte for byte. Parsing and
 * writing again would change numbers (1.0, 1e5, integers beyond 2^53) and the order of integer-like names.
 */
export function withoutMember(text: string, name: string): string {
  const members = topLevelMembers(text);
  const kept = members.filter((member) => nameOf(member) !== name);
  return kept.length === members.length ? text : `{${kept.join(',')}}`;
}

/** The members' texts, with the white space around them. The text must be that of a valid JSON object. */
function topLevelMembers(text: string): string[] {
  const members: string[] = [];
  let begin = text.indexOf('{') + 1;
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (depth > 0 && (character === '}' || character === ']')) depth -= 1;
    else if (depth === 0 && (character === ',' || character === '}')) {
      members.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  return members;
}

/** The position of the quotation mark that closes the string opened at such a position. */
function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A member's name; names with escapes are read as JSON reads them. */
function nameOf(member: string): string {
  const open = member.indexOf('"');
  if (open < 0) return '';
  const name: unknown = JSON.parse(member.slice(open, endOfString(member, open) + 1));
  return String(name);
}
