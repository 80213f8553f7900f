import type { ReactNode } from "react";

/** For `t.rich`: a name in a text, whose direction is its own and not that of the words around it. */
export const isolated = { bdi: (chunks: ReactNode) => <bdi>{chunks}</bdi> };
