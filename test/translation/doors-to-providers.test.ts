import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { DecodedChatRequest } from '../../server/dialects/dialect.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { DOORS, type DoorCase, onTheWire, PROVIDERS, type ProviderCase, targetOf } from './codecs.ts';
import { anyGeneration } from './generations.ts';
import { COMPLAINTS } from './rules.ts';

const NAMED = 'asked-model';

/** A body of the door's format and what the door reads in it; undefined where the format has nothing of such a request. */
function knock({ dialect, codec }: DoorCase, generation: Generation, stream: boolean): DecodedChatRequest | undefined {
  const own = PROVIDERS.find((provider) => provider.dialect === dialect);
  try {
    const { body } = own?.codec.encodeRequest(generation, targetOf(NAMED, stream)) ?? { body: {} };
    return codec.decodeRequest(onTheWire(body), { model: NAMED, stream });
  } catch (thrown) {
    if (thrown instanceof SluiceError) return undefined;
    throw thrown;
  }
}

/** What only one format has may be refused where another cannot have it; what it is must be said. */
const REFUSALS = /^(?:cachedContent|prompt|suffix|conversation|previous_response_id|generation\.messages)$/;

function relay(asked: DecodedChatRequest, { codec, models: [model] }: ProviderCase) {
  try {
    return codec.encodeRequest(asked.generation, { ...targetOf(model, asked.stream), wire: asked.wire });
  } catch (thrown) {
    if (thrown instanceof SluiceError && REFUSALS.test(thrown.param ?? '')) return undefined;
    throw thrown;
  }
}

describe.each(DOORS)('a request in the format $dialect', (door) => {
  it.each(PROVIDERS)('goes to a provider of $dialect without a fault', (provider) => {
    let relayed = 0;
    fc.assert(
      fc.property(anyGeneration, fc.boolean(), (generation, stream) => {
        const asked = knock(door, generation, stream);
        const request = asked && relay(asked, provider);
        if (asked === undefined || request === undefined) return;
        relayed += 1;
        expect(asked.stream).toBe(stream);
        const body = onTheWire(request.body);
        if (door.dialect === provider.dialect) {
          expect(request.warnings).toEqual([]);
          const { model: _, stream: __, stream_options: ___, ...sent } = body;
          expect(onTheWire(asked.wire.json)).toMatchObject(sent);
        } else expect(COMPLAINTS[provider.dialect](body, provider.models[0])).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(relayed).toBeGreaterThan(20);
  });
});
