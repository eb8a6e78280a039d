import { isJsonObject, type JsonValue } from '../core/json.ts';
import { byMember, each, type Held, type HeldTable, members, whole } from './held-members.ts';

const SOURCE = members({ bytes: true, s3Location: members({ uri: true }) });
const MEDIA = members({ format: true, source: SOURCE });
const POINT = members(whole('type', 'ttl'));

/** Documents given as text or as blocks of it stay as they are. */
function documentHeld(value: JsonValue): Held {
  const source = isJsonObject(value) ? value['source'] : undefined;
  const file = isJsonObject(source) && ('bytes' in source || 's3Location' in source);
  if (!file) return true;
  return members({ ...whole('name', 'format', 'context'), source: SOURCE, citations: members({ enabled: true }) });
}

const INNER = {
  text: true,
  image: MEDIA,
  audio: MEDIA,
  video: MEDIA,
  document: documentHeld,
  toolUse: members(whole('toolUseId', 'name', 'input')),
  cachePoint: POINT,
} as const;

/** A block that holds none of these stays as it is. */
const BLOCK: Held = byMember({
  ...INNER,
  toolResult: members({ ...whole('toolUseId', 'status'), content: each(byMember(INNER)) }),
  reasoningContent: members({ redactedContent: true, reasoningText: members(whole('text', 'signature')) }),
});

const TOOL: Held = byMember({
  toolSpec: members({ ...whole('name', 'description'), inputSchema: members({ json: true }) }),
  cachePoint: POINT,
});

/** What the canonical request holds of a body of Amazon's Converse API. */
export const BEDROCK_MEMBERS: HeldTable = {
  body: members({
    system: each(BLOCK),
    messages: each(members({ role: true, content: each(BLOCK) })),
    inferenceConfig: members(whole('maxTokens', 'temperature', 'topP', 'stopSequences')),
    serviceTier: members({ type: true }),
    toolConfig: members({
      tools: each(TOOL),
      toolChoice: members({ auto: members({}), any: members({}), tool: members({ name: true }) }),
    }),
  }),
};
