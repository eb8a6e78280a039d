/** Whether the process takes calls, and who wants to know when that changes. */
export interface Readiness {
  /** Setting it tells all subscribers, before the assignment is over, where it is a change. */
  ready: boolean;
  /** Calls back at every change, until the function that it gives back is called. */
  subscribe(onChange: () => void): () => void;
}

/** Not ready at first. */
export function createReadiness(): Readiness {
  const subscribers = new Set<() => void>();
  let ready = false;
  return {
    get ready() {
      return ready;
    },
    set ready(next) {
      if (next === ready) return;
      ready = next;
      for (const onChange of subscribers) onChange();
    },
    subscribe(onChange) {
      // Wrapped, so that two subscriptions of one function end apart.
      const entry = (): void => onChange();
      subscribers.add(entry);
      return () => void subscribers.delete(entry);
    },
  };
}
