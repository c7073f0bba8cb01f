/** The first SIGINT or SIGTERM; the second ends the process with the status that the signal itself would give. */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const [signal, number] of [
      ['SIGINT', 2],
      ['SIGTERM', 15],
    ] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(128 + number);
        isFirst = false;
        resolve();
      });
    }
  });
}
