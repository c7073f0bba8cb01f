import type { CallRecord, MachineRecord } from './roster.js';

/** What a search looks at, each by the word that may stand before a term: `state:proceeding`. */
const fields = ['call', 'branch', 'user', 'method', 'state', 'machine'] as const;

interface Term {
  readonly field: (typeof fields)[number] | undefined;
  readonly text: string;
}

/** A search as it was typed: every term has to be found. */
export interface Search {
  readonly text: string;
  readonly terms: readonly Term[];
}

export function readSearch(text: string): Search {
  const words = text.trim().toLowerCase().split(/\s+/);
  return { text, terms: words.filter((word) => word !== '').map(readTerm) };
}

function readTerm(word: string): Term {
  const field = fields.find((name) => word.startsWith(`${name}:`));
  return { field, text: field === undefined ? word : word.slice(field.length + 1) };
}

/** Whether all terms are found in a machine, in the state that it is in, or in its call. */
export function finds(search: Search, record: MachineRecord, state: string): boolean {
  const words = wordsOf(record);
  for (const { field, text } of search.terms) {
    const isFound =
      field === undefined
        ? words.all.includes(text) || state.toLowerCase().includes(text)
        : (field === 'state' ? state.toLowerCase() : words[field]).includes(text);
    if (!isFound) return false;
  }
  return true;
}

/** Whether all terms are found in what is common to the machines of a call. */
export function findsCall(search: Search, call: CallRecord): boolean {
  const words = callWords(call);
  return search.terms.every(({ field, text }) =>
    field === undefined
      ? Object.values(words).some((word) => word.includes(text))
      : field !== 'state' && field !== 'machine' && words[field].includes(text),
  );
}

interface Words {
  readonly call: string;
  readonly branch: string;
  readonly user: string;
  readonly method: string;
  readonly machine: string;
  readonly all: string;
}

const known = new WeakMap<
  MachineRecord,
  { readonly from: unknown; readonly branch: unknown; readonly words: Words }
>();

/** What can be found in a machine but for its state: a search goes through thousands at a time. */
function wordsOf(record: MachineRecord): Words {
  const before = known.get(record);
  if (before?.from === record.call.from && before?.branch === record.branch && before !== undefined)
    return before.words;
  const { call, user } = callWords(record.call);
  const own = {
    call,
    user,
    branch: (record.branch ?? '').toLowerCase(),
    method: (record.method ?? '').toLowerCase(),
    machine: record.id.toLowerCase(),
  };
  const words = { ...own, all: Object.values(own).join('\n') };
  known.set(record, { from: record.call.from, branch: record.branch, words });
  return words;
}

const callWords = ({ callId, branches, from, to, method }: CallRecord) => ({
  call: callId.toLowerCase(),
  branch: branches.toLowerCase(),
  user: [from?.name, from?.uri, to?.name, to?.uri].join('\n').toLowerCase(),
  method: (method ?? '').toLowerCase(),
});
