import { JSON_TOOL } from './wire.ts';

// An answer in JSON comes as the input of a tool with a fixed name. So that a caller's own tool of that name is not taken
// for it, such a name gets an underscore more on its way to the model, and loses it again on the way back.

const OWN = new RegExp(`^${JSON_TOOL}_*$`);
const SENT = new RegExp(`^${JSON_TOOL}_+$`);

/** The name that a caller's tool has at the provider. */
export function toolNameToSend(name: string): string {
  return OWN.test(name) ? `${name}_` : name;
}

/** The name that the caller gave to a tool. */
export function toolNameOf(sent: string): string {
  return SENT.test(sent) ? sent.slice(0, -1) : sent;
}
