import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Warning } from '../../gen/sluice/v1/decision_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { WireRequest } from '../../server/dialects/dialect.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { onTheWire, TARGETS, targetOf } from './codecs.ts';
import { anyGeneration, hostileGeneration } from './generations.ts';
import { COMPLAINTS } from './rules.ts';

/** What may be refused, by the beginning of the path that the refusal names. */
const MAY_REFUSE = /^(?:generation\.(?:provider_options_json|tools\[|response_format|messages\[)|previous_response_id)/;

/** Gemini's requests hold a conversation; where nothing of one can be sent, there is no request. */
function isEmptyForGemini(error: SluiceError, dialect: string): boolean {
  return dialect === 'gemini' && error.reason === 'INVALID_REQUEST' && error.param === 'generation.messages';
}

/** What is said to be left out and to be sent in another way at once, and what is said twice. */
function contradictions(warnings: readonly Warning[]): readonly string[] {
  return warnings
    .filter((one, at) =>
      warnings.some(
        (other, position) =>
          position < at && other.field === one.field && (other.code !== one.code || other.message === one.message),
      ),
    )
    .map(({ field, message }) => `${field}: ${message}`);
}

function refusalOf(run: () => void): SluiceError | undefined {
  try {
    run();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
}

describe.each(TARGETS)('a request for $title', ({ codec, dialect, model }) => {
  const encode = (generation: Generation, stream = false) => codec.encodeRequest(generation, targetOf(model, stream));

  it('is refused for nothing that the contract allows, and is one that the provider takes', () => {
    fc.assert(
      fc.property(anyGeneration, fc.boolean(), (generation, stream) => {
        let request: WireRequest | undefined;
        const refusal = refusalOf(() => {
          request = encode(generation, stream);
        });
        if (refusal !== undefined && isEmptyForGemini(refusal, dialect)) return;
        if (refusal !== undefined) throw refusal;
        const { body, path, warnings } = request ?? { body: {}, path: '', warnings: [] };
        expect(path).toMatch(/^\//);
        expect(COMPLAINTS[dialect](onTheWire(body), model)).toEqual([]);
        expect(contradictions(warnings)).toEqual([]);
        for (const { code, field, message } of warnings) {
          expect(code).toBeGreaterThan(0);
          expect(field).toMatch(/^generation\.[a-z_]+/);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is refused by name where JSON text within it is broken or content is stored elsewhere', () => {
    fc.assert(
      fc.property(hostileGeneration, (generation) => {
        const refusal = refusalOf(() => JSON.stringify(encode(generation).body));
        if (refusal === undefined || isEmptyForGemini(refusal, dialect)) return;
        expect(['INVALID_REQUEST', 'UNSUPPORTED_PARAMETER']).toContain(refusal.reason);
        expect(refusal.param).toMatch(MAY_REFUSE);
      }),
      { numRuns: 300 },
    );
  });
});
