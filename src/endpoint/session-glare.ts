import type { Glare } from '../../machines/session-glare.js';
import type { Request } from '../message/index.js';
import type { Dialog } from './live-machine.js';

/** What stands in the way of a re-INVITE or an UPDATE in its dialog (RFC 3261 §14.2, RFC 3311 §5.2). */
export const glareOf = (request: Request, dialog: Dialog | undefined): Glare => {
  const session = dialog?.session;
  if (dialog === undefined || session === undefined || session.is('ending')) return 'noSession';
  for (const uas of dialog.requestsOf(request.method)) if (uas.is('proceeding', 'deciding')) return 'theirs';
  if (request.method === 'UPDATE' && request.body === '') return 'none';
  for (const prack of dialog.requestsOf('PRACK')) if (prack.is('deciding')) return 'theirs';
  if (session.is('accepted', 'leaving')) return 'ours';
  const { value, context } = session.instance.snapshot;
  if (typeof value !== 'object') return 'noSession';
  if ('early' in value && value.early === 'negotiating') return context.offered ? 'theirs' : 'ours';
  return Object.values(value).includes('answering') ? 'theirs' : 'none';
};
