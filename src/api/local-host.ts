import { networkInterfaces } from 'node:os';

/** An address of this machine that others may reach: the first that is not its loopback, IPv4 before IPv6. */
export const localHost = (): string => {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const external = addresses.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  const chosen = external.find(({ family }) => family === 'IPv4') ?? external[0];
  return chosen?.address ?? '127.0.0.1';
};
