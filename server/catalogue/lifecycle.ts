import type { Catalogue, FoundModel } from './catalogue.ts';
import type { ModelCard } from './model-card.ts';

/** Whether a model may still be asked for. */
export type Lifecycle =
  | { readonly state: 'fine' }
  /** It is served but will go, or what is served is its successor. */
  | { readonly state: 'deprecated'; readonly message: string }
  | { readonly state: 'retired'; readonly message: string; readonly successor: string | undefined };

const FINE: Lifecycle = Object.freeze({ state: 'fine' });

/** A successor's successor and so on; longer chains, and circles, end here. */
const MAX_SUCCESSORS = 8;

/**
 * What is to be said of a model at a time, in milliseconds since 1970. A snapshot that only its family is known of is
 * fine: families go on when snapshots end. On its last day a model is still served.
 */
export function lifecycleOf({ card, match }: FoundModel, catalogue: Catalogue, nowMs: number): Lifecycle {
  const { deprecated, retires } = card;
  if (match === 'family' || (deprecated ?? retires) === undefined) return FINE;
  const today = dayOf(nowMs);
  const gone = retires !== undefined && today > retires;
  const announced = deprecated === undefined ? retires !== undefined : today >= deprecated;
  if (!gone && !announced) return FINE;
  const successor = servedSuccessor(card, catalogue, today);
  const advice = successor === undefined ? '' : ` Its successor is ${successor}.`;
  const name = `${card.provider}'s model ${card.id}`;
  if (gone && card.rerouted) {
    const answered = successor ?? 'another model';
    return {
      state: 'deprecated',
      message: `${name} was retired on ${retires}: the provider answers with ${answered}, at its price.`,
    };
  }
  if (gone) return { state: 'retired', message: `${name} was retired on ${retires}.${advice}`, successor };
  const end = retires === undefined ? `is deprecated since ${deprecated}` : `will be retired on ${retires}`;
  return { state: 'deprecated', message: `${name} ${end}.${advice}` };
}

/** The day of a time, UTC, as in 2026-03-13. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The first successor that is still served; the last one known where none is. */
function servedSuccessor(card: ModelCard, catalogue: Catalogue, today: string): string | undefined {
  let { successor } = card;
  for (let hops = 0; successor !== undefined && hops < MAX_SUCCESSORS; hops += 1) {
    const next = catalogue.find({ provider: card.provider, preset: card.provider }, successor)?.card;
    if (next?.retires === undefined || today <= next.retires || next.successor === undefined) break;
    successor = next.successor;
  }
  return successor;
}
