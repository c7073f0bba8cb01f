import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import { createUserAgent, type UserAgent } from '../../src/api/user-agent.js';
import { udp } from '../../src/transports/udp.js';
import { requestText } from '../support/peer.js';

const folder = fileURLToPath(new URL('../../../shared/torture/rfc4475/', import.meta.url));
const isThere = existsSync(folder);

/** What RFC 4475 asks of a user agent server that is busy (486), takes MESSAGE and REGISTER, and knows no extension; a To tag is that of no dialog here (`wsinv`). */
const outcomes: readonly (readonly [name: string, section: string, statuses: readonly number[]])[] = [
  ['wsinv', '3.1.1.1', [481]],
  ['intmeth', '3.1.1.2', [501]],
  ['esc01', '3.1.1.3', [486]],
  ['escnull', '3.1.1.4', [200]],
  ['esc02', '3.1.1.5', [501]],
  ['lwsdisp', '3.1.1.6', [200]],
  ['longreq', '3.1.1.7', [486]],
  ['dblreq', '3.1.1.8', [200]],
  ['semiuri', '3.1.1.9', [200]],
  ['transports', '3.1.1.10', [200]],
  ['mpart01', '3.1.1.11', [200]],
  ['unreason', '3.1.1.12', []],
  ['noreason', '3.1.1.13', []],
  ['badinv01', '3.1.2.1', [400]],
  ['clerr', '3.1.2.2', [400]],
  ['ncl', '3.1.2.3', [400]],
  ['scalar02', '3.1.2.4', [400]],
  ['scalarlg', '3.1.2.5', []],
  ['quotbal', '3.1.2.6', [400]],
  ['ltgtruri', '3.1.2.7', [400]],
  ['lwsruri', '3.1.2.8', [400]],
  ['lwsstart', '3.1.2.9', [400]],
  ['trws', '3.1.2.10', [400]],
  ['escruri', '3.1.2.11', [486]],
  ['baddate', '3.1.2.12', [486]],
  ['regbadct', '3.1.2.13', [400]],
  ['badaspec', '3.1.2.14', [400]],
  ['baddn', '3.1.2.15', [400]],
  ['badvers', '3.1.2.16', [505]],
  ['mismatch01', '3.1.2.17', [400]],
  ['mismatch02', '3.1.2.18', [400]],
  ['bigcode', '3.1.2.19', []],
  ['badbranch', '3.2.1', [200]],
  ['insuf', '3.3.1', [400]],
  ['unkscm', '3.3.2', [416]],
  ['novelsc', '3.3.3', [416]],
  ['unksm2', '3.3.4', [400]],
  ['bext01', '3.3.5', [420]],
  ['invut', '3.3.6', [415]],
  ['regaut01', '3.3.7', [200]],
  ['multi01', '3.3.8', [400]],
  ['mcl01', '3.3.9', [400]],
  ['bcast', '3.3.10', []],
  ['zeromf', '3.3.11', [200]],
  ['cparam01', '3.3.12', [200]],
  ['cparam02', '3.3.13', [200]],
  ['regescrt', '3.3.14', [200]],
  ['sdp01', '3.3.15', [406]],
  ['inv2543', '3.4.1', [400]],
];

/** Refused by their user agent server: the others with a 4xx or 5xx never have one. */
const refusedByMachine: ReadonlySet<string> = new Set(['regbadct', 'unksm2', 'inv2543', 'invut', 'sdp01']);

describe('the torture messages (RFC 4475) through a real UDP socket', () => {
  const errors: unknown[] = [];
  const heard: string[] = [];
  let userAgent: UserAgent;
  let socket: Socket;
  let port: number;

  beforeEach(async () => {
    userAgent = createUserAgent({
      transports: [udp({ host: '127.0.0.1', port: 0 })],
      // So long that nothing is repeated while the test runs.
      timers: { T1: 60_000, T2: 60_000 },
      on: {
        invite: (invitation) => invitation.reject(486),
        message: () => accept(),
        register: () => accept(),
        error: (error) => errors.push(error),
      },
    });
    const [listening] = await userAgent.listen();
    socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    port = (socket.address() as AddressInfo).port;
    socket.on('message', (bytes) => heard.push(bytes.toString('latin1')));
    socket.connect(listening?.port ?? 0, '127.0.0.1');
    await once(socket, 'connect');
  });

  afterEach(async () => {
    socket.close();
    await userAgent.close();
  });

  /** What comes back before the answer to the second of two OPTIONS that follow: a registrar's store answers no sooner. */
  const answers = async (bytes: Buffer): Promise<readonly string[]> => {
    heard.length = 0;
    socket.send(bytes);
    for (let count = 0; count < 2; count++) {
      const branch = `z9hG4bKafter${Math.random()}`;
      socket.send(requestText({ method: 'OPTIONS', via: `SIP/2.0/UDP 127.0.0.1:${port};branch=${branch}` }));
      while (!heard.some((text) => text.includes(branch))) await once(socket, 'message');
    }
    return heard.filter((text) => !text.includes('z9hG4bKafter'));
  };

  test.skipIf(!isThere).each(outcomes)('%s (§%s): %j', async (name, _section, statuses) => {
    const responses = await answers(withSentByPort(readFileSync(`${folder}${name}.dat`), name, port));
    expect(responses.map((text) => Number(text.slice(8, 11)))).toEqual(statuses);
    expect(errors).toEqual([]);
    const isStateful = [200, 486].includes(statuses[0] ?? 0) || refusedByMachine.has(name);
    expect(userAgent.counts().serverTransactions).toBe(2 + (isStateful ? 1 : 0));
  });

  test.skipIf(!isThere)(
    'has an outcome for every message of the corpus but the one that the RFC does not mention',
    () => {
      const names = index().map((message) => message.name);
      expect(names.filter((name) => name !== 'test').toSorted()).toEqual(
        outcomes.map(([name]) => name).toSorted(),
      );
    },
  );
});

interface TortureMessage {
  readonly name: string;
  readonly viaSentBy: string;
}

const index = (): readonly TortureMessage[] =>
  JSON.parse(readFileSync(`${folder}index.json`, 'utf8')).messages;

/** The message with the port of this test in its top Via, and nothing else rewritten. */
const withSentByPort = (bytes: Buffer, name: string, port: number): Buffer => {
  const text = bytes.toString('latin1');
  const sentBy = index().find((message) => message.name === name)?.viaSentBy ?? '';
  const host = sentBy.replace(/:\d+$/, '');
  const at = text.indexOf(sentBy, text.search(/^v(ia)?[ \t]*:/im));
  if (sentBy === '' || at < 0) return bytes;
  return Buffer.from(`${text.slice(0, at)}${host}:${port}${text.slice(at + sentBy.length)}`, 'latin1');
};
