import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptError } from '../../../server/errors/attempt-error.ts';
import { assertOrder } from '../support/plain-reading.ts';
import { decodeAll, door, encodeAll, eventsOf, provider, withoutWire } from './drive.ts';

const member = fc.constantFrom(
  'candidates',
  'content',
  'parts',
  'text',
  'thought',
  'thoughtSignature',
  'functionCall',
  'name',
  'id',
  'args',
  'partialArgs',
  'jsonPath',
  'stringValue',
  'willContinue',
  'inlineData',
  'data',
  'finishReason',
  'index',
  'usageMetadata',
  'promptTokenCount',
  'groundingMetadata',
  'groundingChunks',
  'groundingSupports',
  'segment',
  'groundingChunkIndices',
  'web',
  'endIndex',
  'promptFeedback',
  'blockReason',
  'logprobsResult',
  'chosenCandidates',
  'createTime',
  '__proto__',
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 7 },
    fc.constantFrom(null, true, 0, 1, -1, 1.5, 1e300, 'x', 'STOP', '', '$.a', '$.a[0]', 'AQ=='),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(member, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const part = fc.oneof(
  fc.dictionary(member, value, { maxKeys: 3 }),
  fc.record({ functionCall: fc.dictionary(member, value, { maxKeys: 4 }) }),
  fc.record({ text: fc.string(), thoughtSignature: fc.constantFrom('eA==', '') }, { requiredKeys: ['text'] }),
);
const candidate = fc.record(
  {
    index: fc.constantFrom(0, 1),
    content: fc.record({ parts: fc.array(part, { maxLength: 3 }) }),
    finishReason: fc.constantFrom('STOP', 'NEW'),
    groundingMetadata: value,
  },
  { requiredKeys: [] },
);
const chunk = fc
  .tuple(fc.array(candidate, { maxLength: 2 }), fc.dictionary(member, value, { maxKeys: 3 }))
  .map(([candidates, more]) => ({ candidates, ...more }));

/** The result, or nothing where the attempt fails as attempts do. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof AttemptError) return undefined;
    throw thrown;
  }
}

describe('answers of any shape', () => {
  it('in one piece are read, and can be written, or are a failed attempt', () => {
    fc.assert(
      fc.property(chunk, (json) => {
        const answer = attempt(() => provider.decodeResponse(JSON.stringify(json), {}));
        if (answer !== undefined) JSON.parse(door.encodeResponse({ response: answer.response }));
      }),
      { numRuns: 500 },
    );
  });

  it('in chunks are well-ordered events, and can be written, or are a failed attempt', () => {
    let whole = 0;
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 4 }), (chunks) => {
        const events = attempt(() => eventsOf(decodeAll(chunks)));
        if (events === undefined) return;
        whole += 1;
        assertOrder(events);
        for (const text of encodeAll(withoutWire(events))) JSON.parse(text);
      }),
      { numRuns: 1000 },
    );
    expect(whole).toBeGreaterThan(10);
  });
});
