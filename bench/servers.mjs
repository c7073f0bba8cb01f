/**
 * What is compared. Each answers a REFER with `Refer-Sub: false`, an INVITE and a BYE by one 200 through its own transaction layer.
 *
 * - `listen` opens a UDP socket on 127.0.0.1
 * - `inProcess` is the same server on no socket: `receive` takes a datagram, `sent` counts the datagrams it would send, `last` is the last of them
 * - `parse` is its parser alone: `undefined` for what it can't parse
 */
export const adaptors = {
  echo: () => import('./servers/echo.mjs'),
  sipchart: () => import('./servers/sipchart.mjs'),
  sip: () => import('./servers/sip.mjs'),
  'sip.js': () => import('./servers/sip-js.mjs'),
};
