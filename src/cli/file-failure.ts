/** Why a file can't be read or written: one sentence that names the cause and, where there is one, the remedy. */
export function fileFailure(path: string, deed: 'read' | 'written', error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return `${path} ${sentences[deed][code] ?? `can't be ${deed}: ${message}`}`;
}

const common: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder; name a file',
  ENOTDIR: 'leads through what is no folder; name another file',
};

const sentences: Readonly<Record<'read' | 'written', Readonly<Record<string, string>>>> = {
  read: {
    ...common,
    ENOENT: 'is not there; name a file that is',
    EACCES: 'may not be read by this user',
  },
  written: {
    ...common,
    ENOENT: 'is in a folder that is not there; make that, or name another file',
    EACCES: 'may not be written by this user; name another file',
    EROFS: 'is on a disk that is read only; name another file',
    ENOSPC: 'finds no more room on its disk',
  },
};
