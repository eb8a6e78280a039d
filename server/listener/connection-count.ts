import type { Socket } from 'node:net';

/** The connections that are open, in all and for each address. */
export interface ConnectionCount {
  readonly size: number;
  /** Counts a connection until it closes; false, and it is cut, where its address has too many. */
  admit(socket: Socket): boolean;
  /** Cuts all. */
  destroy(): void;
}

export function countConnections(perAddress: number): ConnectionCount {
  const sockets = new Set<Socket>();
  const byAddress = new Map<string, number>();
  return {
    get size() {
      return sockets.size;
    },
    admit(socket) {
      // Without a listener an early reset would end the process.
      socket.on('error', () => socket.destroy());
      const address = socket.remoteAddress ?? '';
      const count = byAddress.get(address) ?? 0;
      if (count >= perAddress) {
        socket.destroy();
        return false;
      }
      byAddress.set(address, count + 1);
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left === 0) byAddress.delete(address);
        else byAddress.set(address, left);
      });
      return true;
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
