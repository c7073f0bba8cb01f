const key = 'token';

/** The token that the page was opened with. The tab keeps it for a reload; in the address bar others would see it. */
const token = takeToken();

/** An address of the server's at which a user agent is told of. */
export function addressOf(path: string, query: Readonly<Record<string, string>> = {}): string {
  return `${path}?${new URLSearchParams({ ...query, token })}`;
}

function takeToken(): string {
  const given = new URLSearchParams(location.search).get(key);
  if (given === null) return sessionStorage.getItem(key) ?? '';
  sessionStorage.setItem(key, given);
  history.replaceState(null, '', location.pathname);
  return given;
}
