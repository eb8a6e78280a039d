import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Warning } from '../../gen/sluice/v1/decision_pb.ts';
import { type Generation, GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import type { ProviderSnapshot } from '../../server/config/snapshot.ts';
import type { EncodeTarget } from '../../server/dialects/dialect.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { type PrepareSpec, prepare } from '../../server/pipeline/prepare.ts';
import { createBench } from '../support/pipeline.ts';
import { PROVIDERS, type ProviderCase } from './codecs.ts';
import { HELLO } from './fields.ts';
import { anyGeneration } from './generations.ts';

const snapshot = createBench({ answers: [] }).deps.config.current();

/** Prepares a call for a provider, and tells what was noted of its losses. */
function ready({ codec, dialect, models: [model] }: ProviderCase, generation: Generation, strict: boolean) {
  const provider = { name: 'p', dialect, baseUrl: 'http://p.test', headers: new Map(), quirks: {}, models: [] };
  let noted: readonly Warning[] = [];
  const spec = {
    input: { controls: { strict } },
    admitted: {
      admittedAtMs: 0,
      snapshot: { ...snapshot, providers: new Map([['p', provider as unknown as ProviderSnapshot]]) },
      settlement: {
        setWarnings: (warnings: readonly Warning[]) => {
          noted = warnings;
        },
      },
      route: { timeouts: { connectMs: 1 } },
    },
    accept: 'application/json',
    codecOf: () => codec,
    encode: (known: typeof codec, where: EncodeTarget) => known.encodeRequest(generation, { ...where, stream: false }),
  } as unknown as PrepareSpec<typeof codec>;
  try {
    prepare(spec, { name: 't', provider: 'p', model });
    return { refusal: undefined, noted };
  } catch (thrown) {
    if (thrown instanceof SluiceError) return { refusal: thrown, noted };
    throw thrown;
  }
}

describe.each(PROVIDERS)('a call to $dialect', (provider) => {
  it('is refused when it is strict and something would be lost, and else is not', () => {
    fc.assert(
      fc.property(anyGeneration, (generation) => {
        const lax = ready(provider, generation, false);
        if (lax.refusal !== undefined) return;
        const { refusal, noted } = ready(provider, generation, true);
        expect(noted).toEqual(lax.noted);
        expect(refusal?.reason).toBe(noted.length > 0 ? 'UNSUPPORTED_PARAMETER' : undefined);
        expect(refusal?.param).toBe(noted[0]?.field);
      }),
      { numRuns: 100 },
    );
  });

  it('that loses nothing passes when it is strict', () => {
    const plain = create(GenerationSchema, { model: 'm', messages: [HELLO], maxOutputTokens: 50 } as object);
    expect(ready(provider, plain, true).refusal).toBeUndefined();
  });

  it('that goes on from a stored conversation is refused, unless the provider stores them', () => {
    const generation = create(GenerationSchema, {
      model: 'm',
      messages: [HELLO],
      maxOutputTokens: 50,
      previousResponseId: 'resp_1',
    } as object);
    const { refusal } = ready(provider, generation, false);
    const stores = provider.dialect === 'openai-responses';
    expect(refusal?.reason).toBe(stores ? undefined : 'UNSUPPORTED_PARAMETER');
    expect(refusal?.param).toBe(stores ? undefined : 'previous_response_id');
  });
});
