import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { decodeCitation } from './citations.ts';
import { DIALECT, isProviderCall, isProviderResult, JSON_TOOL } from './wire.ts';

type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

const part = (kind: Kind, proof = ''): Part =>
  create(PartSchema, { kind, ...(proof !== '' && { signature: proof, origin: DIALECT }) });

/** A content block of an answer, whole. Types that the contract has nothing for stay as they are. */
export function decodeBlock(block: JsonObject): Part {
  switch (block['type']) {
    case 'text': {
      const text = stringOf(block['text']);
      const annotations = objectsOf(block['citations']).map((citation) => decodeCitation(citation, text.length));
      return part({ case: 'text', value: { text, annotations } });
    }
    case 'thinking':
      return part({ case: 'reasoning', value: { text: stringOf(block['thinking']) } }, stringOf(block['signature']));
    case 'redacted_thinking':
      return redactedPart(stringOf(block['data']));
    case 'tool_use':
      return isEmulatedJson(block)
        ? part({ case: 'text', value: { text: inputText(block) } })
        : callPart(block, inputText(block));
    default:
      return otherPart(block);
  }
}

function otherPart(block: JsonObject): Part {
  const type = stringOf(block['type']);
  if (isProviderCall(type)) return callPart(block, inputText(block));
  if (isProviderResult(type)) return resultPart(block, type);
  return part({ case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(block) } });
}

/** Whether a call is not the model's wish but the form of its answer. */
export function isEmulatedJson(block: JsonObject): boolean {
  return block['type'] === 'tool_use' && block['name'] === JSON_TOOL;
}

function redactedPart(redactedData: string): Part {
  return create(PartSchema, { kind: { case: 'reasoning', value: { redactedData } }, origin: DIALECT });
}

/** The call's input as JSON text. */
export function inputText(block: JsonObject): string {
  return textOfAnswer(objectOf(block['input']) ?? block['input'] ?? {});
}

/** A call of the caller's tools or of the provider's own, with such an input. */
export function callPart(block: JsonObject, input: string): Part {
  const { type, id, name, input: _, cache_control: _mark, ...rest } = block;
  const own = type === 'tool_use';
  return part(
    {
      case: 'toolCall',
      value: {
        id: stringOf(id),
        name: stringOf(name),
        input: { case: 'argumentsJson', value: input },
        ...(!own && { providerExecuted: true, type: stringOf(type) }),
      },
    },
    proofOf(rest),
  );
}

/** What a tool of the provider's answered: only the provider can read it all, so it is kept as it came. */
function resultPart(block: JsonObject, type: string): Part {
  const { type: _, tool_use_id: callId, content = null, is_error: failed, cache_control: _mark, ...rest } = block;
  const json = textOfAnswer(content);
  return part(
    {
      case: 'toolResult',
      value: {
        callId: stringOf(callId),
        parts: [part({ case: 'raw', value: { dialect: DIALECT, json } })],
        isError: failed === true || stringOf(objectOf(content)?.['type']).endsWith('_error'),
        providerExecuted: true,
        type,
      },
    },
    proofOf(rest),
  );
}

/**
 * Members of a call or result besides the common ones (who called, which server), as JSON text: the provider wants them
 * back with the block, as it wants signatures. A caller that is the model itself goes without saying.
 */
function proofOf({ caller, ...rest }: JsonObject): string {
  const members = objectOf(caller)?.['type'] === 'direct' || caller === undefined ? rest : { ...rest, caller };
  const set = Object.entries(members).filter(([, value]) => value !== null);
  return set.length === 0 ? '' : textOfAnswer(Object.fromEntries(set));
}
