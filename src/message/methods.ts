import { Names } from './names.js';

/** The method that stands from `start` to `end`; a known one is not cut out of the text. Methods have case (RFC 3261 §7.1). */
export function methodAt(text: string, start: number, end: number): string {
  const known = methods.list[methods.find(text, start, end)];
  return known !== undefined && text.startsWith(known, start) ? known : text.slice(start, end);
}

const methods = new Names([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'SUBSCRIBE',
  'NOTIFY',
  'MESSAGE',
  'PUBLISH',
]);
