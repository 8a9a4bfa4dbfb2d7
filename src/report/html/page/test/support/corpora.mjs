// Small corpora with known answers, written as JSON lines.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./page.mjs";

const write = (name, records) => {
  const path = join(folder, name);
  writeFileSync(path, records.map((record) => JSON.stringify(record)).join("\n") + "\n");
  return path;
};

const SHARED = "The city council of Harrow voted by nine to four on Tuesday evening to close the old bridge over the river for repairs that will last until spring.";
const QUOTED = "“We cannot wait for another winter of floods before we mend what our grandparents built,” said the mayor, Anna Okafor, after the vote in the town hall.";
const OWN = {
  Herald: [
    "Fishermen at the northern quay sold record catches of mackerel this week, and the price of a crate fell to its lowest since the harbour was dredged.",
    "The harbour master expects two more trawlers to land their mackerel catches before the weekend if the wind stays in the west.",
    "Trawlers that land mackerel at the quay pay the harbour a fee for each crate, which the fishermen want to have lowered.",
    "A fishermen's union said that the catches of mackerel off the northern coast would last until the trawlers move on to herring.",
  ],
  Courier: [
    "A school orchestra from the eastern district won the national prize for young musicians with a symphony that its own pupils had written.",
    "Their teacher said that the young musicians had rehearsed the symphony in a gymnasium because the concert hall of the school was closed.",
    "The orchestra's violins were bought second-hand by parents of the pupils, who held a concert every month to pay for them.",
    "Pupils of the orchestra will play their symphony again at a concert in the national music hall next month.",
  ],
  Tribune: [
    "Astronomers at the observatory found a comet that no telescope had seen before, and its tail points away from the sun.",
    "The telescope that found the comet was built by astronomers of the university to look for faint asteroids.",
    "Through a small telescope the comet will be seen above the horizon before dawn until the moon rises, astronomers wrote.",
    "The observatory opens its dome to visitors who want to see the comet and its tail on three nights of the week.",
  ],
};

/** Three outlets, dated, that share a passage and a quotation and have something of their own each. */
export function dated() {
  const days = { Herald: "2026-01-05", Courier: "2026-01-07", Tribune: "2026-02-01" };
  const record = (outlet) => ({
    id: `${outlet}-1`,
    outlet,
    title: `${outlet} on the bridge`,
    date: days[outlet],
    url: `https://${outlet.toLowerCase()}.example/bridge`,
    text: [SHARED.replace("nine to four", outlet === "Courier" ? "nine to five" : "nine to four"), QUOTED, ...OWN[outlet]].join("\n\n"),
  });
  const undated = { id: "Herald-2", outlet: "Herald", title: "Undated note", text: "Readers of this paper have sent forty photographs of the snow that fell on the orchards above the valley last week." };
  return write("dated.jsonl", [...Object.keys(days).map(record), undated]);
}

export const EVIL = `</script><img src=x onerror="alert(1)"><svg onload=alert(2)> \u202Egnp.exe <!-- ]]> {{7*7}} javascript:alert(3)`;

/** Text in every field that would run, end its element or turn round what stands beside it. */
export function hostile() {
  const record = (at) => ({
    id: `${at}${EVIL}`,
    outlet: `Outlet ${at} ${EVIL}`,
    title: `Title ${at} ${EVIL}`,
    author: EVIL,
    date: "2026-01-05",
    url: at % 2 ? "javascript:alert(4)" : `https://example.org/"onmouseover="alert(5)`,
    text: [`${SHARED} ${EVIL} It was said again at length.`, `“${QUOTED.slice(1, 60)} ${EVIL}” said the mayor ${at}.`, `${Object.values(OWN)[at][0]} ${EVIL}`].join("\n\n"),
  });
  return write("hostile.jsonl", [0, 1, 2].map(record));
}
