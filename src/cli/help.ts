/** What `--help` prints, for the command or for one of its commands. */
export const help = (name: string | undefined): string => texts.get(name ?? '') ?? general;

const general = `\
sipchart: a SIP core in which every transaction and every user agent server
is an XState machine that you can look at.

  sipchart serve      answers SIP and shows the machines at work
  sipchart draw       prints a machine's picture
  sipchart machines   lists the machines and the RFC sections they follow

  --help              this text, or that of a command: sipchart serve --help
  --version           the version

To see something at once:

  sipchart serve --demo --refer accept
`;

const texts: ReadonlyMap<string, string> = new Map([
  [
    'serve',
    `\
sipchart serve: answers OPTIONS and REFER, and shows every message and every
change of a machine's state as a line.

  --udp HOST:PORT       a UDP socket to listen on; may be repeated
  --tcp HOST:PORT       a TCP socket to listen on; may be repeated
                        Without either: 127.0.0.1:5060 for both. Port 0 takes
                        a free port; IPv6 is written [::1]:5060.
  --refer deny|accept   deny (the default) answers every REFER with 603; accept
                        grants those from this machine's loopback and reports
                        a made-up referral: 100, 180 after 1 s, 200 after 2 s
  --engine compiled|actor
                        runs the machines as tables (the default) or as live
                        XState actors, many times as slow
  --limit TRANSACTIONS  live transactions before new requests get a 503
                        (1000000 by default)
  --quiet               prints the listening lines only
  --demo                adds a caller that sends a REFER every few seconds
  --help, --version

SIGINT (Ctrl-C) and SIGTERM end the subscriptions and stop; a second signal
stops at once. NO_COLOR and FORCE_COLOR are heeded.
`,
  ],
  [
    'draw',
    `\
sipchart draw [MACHINE]: prints a machine's picture, or without MACHINE the
Mermaid pictures of all, one after the other.

  --format mermaid|svg  mermaid by default
  --help, --version

  sipchart draw refer-uas --format svg > refer-uas.svg
`,
  ],
  [
    'machines',
    `\
sipchart machines: lists the machines and the RFC sections they follow.

  --help, --version
`,
  ],
]);
