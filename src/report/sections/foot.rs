//! How the findings were made, so that they can be made again.

use crate::findings::{Findings, Run};
use crate::report::blocks::{Block, Rich};
use crate::report::phrase::{counted, number};

/// The foot of the page; `is_cut` where a list above shows fewer than there are.
pub(super) fn foot(findings: &Findings, is_cut: bool) -> Vec<Block> {
    let run = &findings.run;
    let mut list = vec![Rich::from(format!("refrain {}", run.version)), model(run)];
    if !run.inputs.is_empty() {
        list.push(Rich::from(format!("read from {}", run.inputs.join(", "))));
    }
    if run.windowed > 0 {
        let count = counted(run.windowed, "paragraph");
        list.push(Rich::from(format!("{count} longer than the model reads at once, embedded in windows")));
    }
    if is_cut {
        list.push(Rich::from("lists are cut short: --most N shows more, --format json everything"));
    }
    vec![Block::Heading("How this was made"), Block::List(list)]
}

fn model(run: &Run) -> Rich {
    if run.dim == 0 {
        return Rich::from("by wording alone: no model, nothing embedded");
    }
    let reads =
        run.max_tokens.map_or("texts of any length".to_owned(), |most| format!("{} word pieces at once", number(most)));
    Rich::from(format!("{} on {} in {}: {} dimensions, {reads}", run.model, run.device, run.precision, run.dim))
}
