import { flat } from '../message/flat.js';
import type { CSeq, NameAddress, URI, Via } from '../message/index.js';

/** What a request is matched and answered by: its mandatory header fields, read. */
export interface Essentials {
  readonly method: string;
  readonly uri: URI;
  readonly via: Via;
  readonly from: NameAddress;
  readonly to: NameAddress;
  readonly callId: string;
  readonly cseq: CSeq;
}

const magicCookie = 'z9hG4bK';

/** RFC 3261 §17.2.3: branch, sent-by and method; without the magic cookie, what RFC 2543 compares. A CANCEL looks by the `method` of the request that it names (§9.2). */
export const serverTransactionKey = (essentials: Essentials, method = essentials.method) => {
  const { via } = essentials;
  const port = via.port ?? 5060;
  return flat(
    isUnique(via.branch)
      ? `${via.branch} ${via.host} ${port} ${method}`
      : `${essentials.uri.text}\n${essentials.to.tag ?? ''}\n${essentials.from.tag ?? ''} ${essentials.callId} ${essentials.cseq.sequence}\n${via.host} ${port} ${via.branch ?? ''} ${method}`,
  );
};

/** Whether a branch identifies its transaction: the magic cookie and something after it (RFC 3261 §8.1.1.7). */
const isUnique = (branch: string | undefined) =>
  branch !== undefined && branch.length > magicCookie.length && branch.startsWith(magicCookie);

/** The INVITE's key as its ACK may write it: an RFC 2543 client's ACK has the To tag of the response that it is for (§17.2.3). */
export const acknowledgedKeys = (essentials: Essentials): readonly string[] => {
  const key = serverTransactionKey(essentials, 'INVITE');
  if (isUnique(essentials.via.branch)) return [key];
  return [key, serverTransactionKey({ ...essentials, to: { ...essentials.to, tag: undefined } }, 'INVITE')];
};

/** RFC 3261 §17.1.3: the branch and the method of the CSeq. */
export const clientTransactionKey = (branch: string, method: string) => flat(`${branch} ${method}`);

/** RFC 3261 §8.2.2.2: From tag, Call-ID and CSeq. */
export const mergeKey = ({ from, callId, cseq }: Essentials) =>
  flat(`${from.tag ?? ''} ${callId} ${cseq.sequence} ${cseq.method}`);

/** RFC 3261 §12: Call-ID, local tag and remote tag, as a UAS sees them. */
export const dialogKey = (callId: string, localTag: string, remoteTag: string | undefined) =>
  flat(`${callId} ${localTag} ${remoteTag ?? ''}`);

/** What an INVITE and the ACK of its 2xx have in common, as a UAS sees them (RFC 3261 §13.2.2.4). */
export const acceptanceKey = (
  callId: string,
  localTag: string,
  remoteTag: string | undefined,
  sequence: number,
) => flat(`${callId} ${localTag} ${remoteTag ?? ''} ${sequence}`);

/** What tells the subscriptions of a dialog apart (RFC 6665 §4.4.1, §8.2.1); a referral's id is the CSeq of its REFER (RFC 3515 §2.4.6). */
export interface EventName {
  readonly package: string;
  readonly id?: string | undefined;
}

/** As the Event of a NOTIFY has it. */
export const eventKey = ({ package: name, id }: EventName) =>
  id === undefined ? name : flat(`${name};id=${id}`);
