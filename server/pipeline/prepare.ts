import type { ProviderSnapshot, Snapshot } from '../config/snapshot.ts';
import type { EncodeTarget, HttpFailure, WireBody, WireRequest } from '../dialects/dialect.ts';
import type { AttemptError } from '../errors/attempt-error.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { Target } from '../routing/route.ts';
import type { AdmittedCall, CallInput } from './admit.ts';
import { checkLifecycle } from './check-lifecycle.ts';
import type { PreparedRequest } from './exchange.ts';

/** What all provider codecs share. */
interface Codec {
  decodeError(failure: HttpFailure): AttemptError;
}

/** A target made ready: its provider, its codec, and the request in its format. */
export interface Prepared<C extends Codec> extends PreparedRequest {
  readonly codec: C;
}

export interface PrepareSpec<C extends Codec> {
  readonly input: CallInput & { readonly wire?: WireBody };
  readonly admitted: AdmittedCall;
  readonly accept: PreparedRequest['accept'];
  /** The codec for a provider; undefined where it cannot do this kind of call. */
  readonly codecOf: (provider: ProviderSnapshot) => C | undefined;
  readonly encode: (codec: C, target: EncodeTarget) => WireRequest;
}

/** Encodes the call for a target and notes the losses. Throws SluiceError: strict calls may lose nothing, retired models are gone. */
export function prepare<C extends Codec>(spec: PrepareSpec<C>, target: Target): Prepared<C> {
  const provider = providerOf(spec.admitted.snapshot, target);
  const codec = spec.codecOf(provider);
  if (codec === undefined) {
    throw new SluiceError('UNSUPPORTED_OPERATION', `The provider ${provider.name} cannot do this kind of call.`, {
      metadata: { provider: provider.name },
    });
  }
  const { snapshot, admittedAtMs } = spec.admitted;
  const lifecycle = checkLifecycle(snapshot, { provider, model: target.model }, admittedAtMs);
  const request = spec.encode(codec, {
    provider: provider.name,
    model: target.model,
    quirks: provider.quirks,
    ...(spec.input.wire === undefined ? {} : { wire: spec.input.wire }),
  });
  spec.admitted.settlement.setWarnings([...request.warnings, ...lifecycle]);
  const loss = request.warnings[0];
  if (spec.input.controls.strict && loss !== undefined) {
    throw new SluiceError('UNSUPPORTED_PARAMETER', `${loss.field}: ${loss.message}`, {
      metadata: { field: loss.field },
      param: loss.field,
    });
  }
  return {
    provider,
    codec,
    request,
    accept: spec.accept,
    connectTimeoutMs: spec.admitted.route.timeouts.connectMs,
    decodeError: (failure) => codec.decodeError(failure),
  };
}

function providerOf(snapshot: Snapshot, target: Target): ProviderSnapshot {
  const provider = snapshot.providers.get(target.provider);
  // The configuration is refused at load when a target names no provider.
  if (provider === undefined) throw new Error(`no provider ${target.provider}`);
  return provider;
}
