import { Socket } from 'node:net';
import { onTestFinished, vi } from 'vitest';

/** For the rest of the test whoever sets a timer or opens a connection fails. */
export const forbidTimersAndSockets = (): void => {
  const forbidden = (name: string) => () => {
    throw new Error(`${name} was used, where only virtual time may pass`);
  };
  const spies = [
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(forbidden('setTimeout')),
    vi.spyOn(globalThis, 'setInterval').mockImplementation(forbidden('setInterval')),
    vi.spyOn(globalThis, 'setImmediate').mockImplementation(forbidden('setImmediate')),
    vi.spyOn(Socket.prototype, 'connect').mockImplementation(forbidden('a socket')),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
};
