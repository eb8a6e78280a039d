import { SluiceError } from '../../errors/sluice-error.ts';
import type { Fault, FaultUse } from './fault.ts';
import { FAULTS, findFault } from './table.ts';

/**
 * Reads uses of faults: "status=429;retry-after=2" or "cut=3, lines=crlf". A value behind the name sets the fault's
 * first parameter. Extras are parameters that stand elsewhere; each goes to every fault that has it. Throws SluiceError
 * INVALID_REQUEST for a name that no fault has, so that a slip of the pen is seen.
 */
export function parseFaults(text: string, extras: ReadonlyMap<string, string> = new Map()): readonly FaultUse[] {
  const uses = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => parseUse(one, extras));
  for (const name of extras.keys()) {
    if (!uses.some(({ values }) => values.has(name))) throw wrongFault(`No fault in use has a parameter "${name}".`);
  }
  return uses;
}

function parseUse(text: string, extras: ReadonlyMap<string, string>): FaultUse {
  const [head = splitPair(''), ...settings] = text.split(';').map(splitPair);
  const fault = findFault(head[0]);
  if (fault === undefined) {
    throw wrongFault(`There is no fault "${head[0]}". There are: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  }
  const values = new Map(fault.parameters.map(({ name, initial }) => [name, initial]));
  for (const [name, value] of extras) if (values.has(name)) values.set(name, value);
  for (const [name, value] of [...firstParameter(fault, head[1]), ...settings]) {
    if (!values.has(name)) throw wrongFault(`The fault "${fault.name}" has no parameter "${name}".`);
    values.set(name, value ?? '');
  }
  checkNumbers(fault, values);
  return { fault, values };
}

/** A parameter that is a number at first stays one. */
function checkNumbers({ name: faultName, parameters }: Fault, values: ReadonlyMap<string, string>): void {
  for (const { name, initial } of parameters) {
    const value = values.get(name) ?? '';
    if (/^\d+$/.test(initial) && !/^\d{1,9}$/.test(value)) {
      throw wrongFault(`${name} of the fault "${faultName}" must be a whole number, not "${value}".`);
    }
  }
}

type Pair = readonly [name: string, value: string | undefined];

function splitPair(text: string): Pair {
  const at = text.indexOf('=');
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function firstParameter(fault: Fault, value: string | undefined): readonly Pair[] {
  return value === undefined ? [] : [[fault.parameters[0]?.name ?? '', value]];
}

function wrongFault(message: string): SluiceError {
  return new SluiceError('INVALID_REQUEST', message, { param: 'x-sim-fault' });
}
