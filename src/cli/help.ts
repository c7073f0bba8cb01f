/** What `--help` prints, for the command or for one of its commands. */
export const help = (name: string | undefined): string => texts.get(name ?? '') ?? general;

const general = `\
sipchart: a SIP core in which every transaction and every user agent server
is an XState machine that you can look at.

  sipchart serve      answers SIP and shows the machines at work
  sipchart inspect    shows a recording to a browser
  sipchart replay     says whether a recording still has the same effects
  sipchart draw       prints a machine's picture
  sipchart machines   lists the machines and the RFC sections they follow

  sipchart help       this text, or that of a command: sipchart help serve
  -h, --help          the same: sipchart serve --help
  -v, --version       the version

It ends with 0, with 1 where it fails, and with 2 where it is called wrongly.

To see something at once:

  sipchart serve --demo --refer accept
`;

const texts: ReadonlyMap<string, string> = new Map([
  [
    'serve',
    `\
sipchart serve: a phone that answers by itself, and shows every message and
every change of a machine's state as a line.

Who is called, the user of the Request-URI, says what it does:

  busy      answers 486
  ring      rings until the caller gives up, or for three minutes
  hangup    answers, and sends BYE a second after the ACK
  any other rings for a second and answers; it takes audio and is silent

Calls may come from anywhere; MESSAGE, REGISTER, PUBLISH and SUBSCRIBE (to
presence) from this machine's loopback only. A Replaces likewise, and it is
answered at once.

  --udp HOST:PORT       a UDP socket to listen on; may be repeated
  --tcp HOST:PORT       a TCP socket to listen on; may be repeated
                        Without either: 127.0.0.1:5060 for both. PORT alone is
                        one of 127.0.0.1, as localhost is; port 0 takes a free
                        one. IPv6 is written [::1]:5060.
  --advertise HOST      the name or address at which others reach it, where
                        that is another: behind a NAT, in a container
  --trust HOST          a proxy in front, by its numeric address: it may have
                        all of every limit, any other source a quarter; may be
                        repeated
  --refer deny|accept   deny (the default) answers every REFER with 603; accept
                        grants those from this machine's loopback that ask for
                        a call, by a SIP or tel URI, and reports a made-up
                        referral: 100, 180 after 1 s, 200 after 2 s
  --engine compiled|actor
                        runs the machines as tables (the default) or as live
                        XState actors, many times as slow
  --limit TRANSACTIONS  live transactions before new requests get a 503
                        (1000000 by default)
  --inspect [HOST:PORT] shows all of it to a browser: 127.0.0.1:8060 by default
                        Its URL has a token, without which nothing is shown
  --record FILE         records all that comes, for sipchart replay and inspect
                        Passwords and keys are masked
  --record-effects      records what the machines order as well, and not only
                        a digest of it: the file is several times as long
  --mask-bodies         masks the bodies of messages in the recording too
  --quiet               prints the listening lines only
  --demo                adds a caller that by turns sends a REFER and makes a
                        call with a REFER in it
  -h, --help, -v, --version

SIGINT (Ctrl-C) and SIGTERM end the calls and subscriptions and stop; a second
signal stops at once. NO_COLOR and FORCE_COLOR are heeded.
`,
  ],
  [
    'inspect',
    `\
sipchart inspect FILE: shows a recording, or what an inspector's page has
exported, to a browser until a signal comes.

  --inspect HOST:PORT   127.0.0.1:8060 by default; or PORT of 127.0.0.1
  -h, --help, -v, --version
`,
  ],
  [
    'replay',
    `\
sipchart replay FILE: gives a recording to the machines once more, and says
whether they order the same; where they don't, names the first difference.
Ends with 0 where all is the same, and with 3 where something differs. Of a
file that is cut off, what is whole is replayed.

  --engine compiled|actor
                        runs the machines as tables (the default) or as live
                        XState actors
  -h, --help, -v, --version

  sipchart serve --demo --refer accept --record calls.jsonl
  sipchart replay calls.jsonl
`,
  ],
  [
    'draw',
    `\
sipchart draw [MACHINE]: prints a machine's picture, or without MACHINE the
Mermaid pictures of all, one after the other.

  --format mermaid|svg  mermaid by default
  --highlight STATE     lights a state and those around it; a state within
                        another is named by both: proceeding.early
  -h, --help, -v, --version

  sipchart draw refer-uas --format svg > refer-uas.svg
  sipchart draw invite-uas --highlight proceeding.early
`,
  ],
  [
    'machines',
    `\
sipchart machines: lists the machines and the RFC sections they follow.

  -h, --help, -v, --version
`,
  ],
]);
