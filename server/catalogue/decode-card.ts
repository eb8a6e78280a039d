import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { decodePrice } from './decode-price.ts';
import { CAPABILITIES, type Capability, type DatedPrice, MODALITIES, type ModelCard } from './model-card.ts';
import { type Complain, type MemberReader, readMembers } from './read-members.ts';

const MEMBERS = [
  'id',
  'aliases',
  'name',
  'context_length',
  'max_output_tokens',
  'input',
  'output',
  'capabilities',
  'regions',
  'released',
  'deprecated',
  'retires',
  'rerouted',
  'successor',
  'lifecycle_source',
  'prices',
];

const MAX_LIST = 64;

/** Reads one row of a catalogue file; undefined where it has no id. Whatever is wrong is told, all of it. */
export function decodeCard(provider: string, value: JsonValue, complain: Complain): ModelCard | undefined {
  if (!isJsonObject(value)) {
    complain('', 'must be an object');
    return undefined;
  }
  const members = readMembers(value, complain);
  members.only(MEMBERS);
  const id = members.text('id');
  if (id === undefined) {
    complain('id', 'is missing');
    return undefined;
  }
  return Object.freeze({
    provider,
    id,
    aliases: words(members, 'aliases', complain),
    name: members.text('name', 256),
    contextLength: members.count('context_length'),
    maxOutputTokens: members.count('max_output_tokens'),
    input: modalities(members, 'input', complain),
    output: modalities(members, 'output', complain),
    capabilities: capabilities(members.object('capabilities') ?? {}, complain),
    regions: words(members, 'regions', complain),
    ...lifecycle(members, complain),
    prices: Object.freeze(prices(members, complain)),
  });
}

function lifecycle(members: MemberReader, complain: Complain) {
  const days = {
    released: members.day('released'),
    deprecated: members.day('deprecated'),
    retires: members.day('retires'),
  };
  const known = [days.released, days.deprecated, days.retires].filter((day) => day !== undefined);
  if (known.some((day, at) => day < (known[at - 1] ?? day))) {
    complain('retires', 'must not be before the day of deprecation, nor that before the release');
  }
  const lifecycleSource = members.text('lifecycle_source', 512);
  if ((days.deprecated !== undefined || days.retires !== undefined) && lifecycleSource === undefined) {
    complain('lifecycle_source', 'is missing: days of deprecation and retirement say where they are from');
  }
  return {
    ...days,
    rerouted: members.flag('rerouted') ?? false,
    successor: members.text('successor'),
    lifecycleSource,
  };
}

function prices(members: MemberReader, complain: Complain): DatedPrice[] {
  const found: DatedPrice[] = [];
  for (const [at, value] of members.list('prices', MAX_LIST).entries()) {
    const told: Complain = (member, message) => complain(`prices[${at}]${member === '' ? '' : `.${member}`}`, message);
    const price = decodePrice(value, told);
    if (price === undefined) continue;
    const before = found.at(-1);
    if ((price.from ?? '') < (before?.from ?? '')) told('from', 'must not be before the price above it');
    if (price.hours === undefined && before !== undefined && price.from === before.from) {
      told('from', 'is the day of another price');
    }
    found.push(price);
  }
  return found;
}

function capabilities(row: JsonObject, complain: Complain): ModelCard['capabilities'] {
  const members = readMembers(row, (member, message) => complain(`capabilities.${member}`, message));
  members.only(CAPABILITIES);
  const found: Partial<Record<Capability, boolean>> = {};
  for (const name of CAPABILITIES) {
    const known = members.flag(name);
    if (known !== undefined) found[name] = known;
  }
  return Object.freeze(found);
}

function words(members: MemberReader, name: string, complain: Complain): readonly string[] {
  const list = members.list(name, MAX_LIST);
  const found = list.filter((word) => typeof word === 'string' && word !== '' && word.length <= 448);
  if (found.length < list.length) complain(name, 'must hold texts of 1 to 448 characters');
  return Object.freeze(found.map(String));
}

function modalities(members: MemberReader, name: 'input' | 'output', complain: Complain): ModelCard['input'] {
  const list = members.list(name, MODALITIES.length);
  const found = MODALITIES.filter((modality) => list.includes(modality));
  if (found.length < list.length) complain(name, `must hold only ${MODALITIES.join(', ')}, each once`);
  return Object.freeze(found);
}
