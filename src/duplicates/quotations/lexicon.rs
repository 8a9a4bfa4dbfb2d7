//! The words by which attributions are read: verbs of speech, titles, pronouns, what is no name.
//!
//! Closed lists of English, in lower case, each chosen by its grammar and never by who is named.
//! Not here: how they are read (`subjects`, `names`).

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

type Words = FxHashSet<&'static str>;

fn listed(words: &'static str) -> Words {
    words.split_ascii_whitespace().collect()
}

/// Finite verbs of speech and writing; what is quoted is theirs.
static SPEECH: LazyLock<Words> = LazyLock::new(|| {
    listed(
        "said says say told tells tell wrote writes write tweeted tweets posted posts retweeted added adds asked asks \
     argued argues argue explained explains continued continues noted notes note stated states replied replies \
     responded responds announced announces declared declares warned warns warn insisted insists insist concluded \
     concludes claimed claims claim called calls call recalled recalls remarked remarks joked jokes quipped \
     testified testifies observed observes acknowledged acknowledges admitted admits suggested suggests predicted \
     predicts urged urges vowed vows promised promises pledged pledges complained complains countered counters \
     cautioned cautions emphasized emphasised emphasizes stressed stresses reiterated reiterates repeated repeats \
     exclaimed shouted yelled commented comments opined proclaimed proclaims maintained maintains contended \
     contends asserted asserts alleged alleges boasted boasts mused denounced denounces described describes \
     dubbed labeled labelled mocked ripped blasted slammed read reads accused accuses decried praised praises \
     hailed criticized criticised confirmed confirms denied denies answered answers lamented laments conceded \
     concedes mentioned quoted referred characterized characterised reported reports recounted retorted fumed \
     thundered demanded demands thanked wondered thinks believes believed thought",
    )
});

/// Participles of speech: their subject is that of the sentence.
static SPEAKING: LazyLock<Words> = LazyLock::new(|| {
    listed(
        "saying telling writing tweeting adding asking arguing explaining noting stating replying responding \
     announcing declaring warning insisting concluding claiming calling recalling remarking joking acknowledging \
     admitting suggesting predicting urging vowing promising complaining emphasizing stressing describing dubbing \
     labeling quoting referring accusing denouncing blasting praising",
    )
});

/// Whether a word says that somebody spoke.
pub(super) fn is_speech(form: &str) -> bool {
    SPEECH.contains(form)
}

/// Whether a word is a participle of speech.
pub(super) fn is_speaking(form: &str) -> bool {
    SPEAKING.contains(form)
}

/// What stands before a name and is none of it; the name begins behind the last.
static TITLES: LazyLock<Words> = LazyLock::new(|| {
    listed(
        "mr mrs ms miss dr prof professor sen sens senator rep reps representative gov governor lt gen general col \
     colonel capt captain maj major sgt sergeant adm admiral president speaker secretary leader whip chairman \
     chairwoman chair chief justice judge director minister chancellor attorney prosecutor counsel mayor \
     congressman congresswoman commissioner ambassador king queen prince princess pope cardinal bishop rev \
     reverend sir lord lady dame ceo cfo cto coo executive officer spokesman spokeswoman spokesperson republican \
     democrat democratic host anchor correspondent reporter sheriff detective agent nominee candidate councilman \
     councilwoman premier administrator strategist adviser advisor coach analyst editor hon superintendent \
     treasurer representatives democrats republicans deputy vice acting",
    )
});

/// Whether a word is a title or an office.
pub(super) fn is_title(form: &str) -> bool {
    TITLES.contains(form)
}

/// Words that name a place, a day or a body, never a person.
static IMPERSONAL: LazyLock<Words> = LazyLock::new(|| {
    listed(
        "monday tuesday wednesday thursday friday saturday sunday january february march april june july august \
     september october november december jan feb mar apr aug sept oct nov dec house senate congress court \
     department committee university college school institute center centre association council agency bureau \
     office party news press times post journal magazine network radio inc corp llc ltd co company group bank \
     fund union states state city county street avenue york washington america united american national \
     international federal supreme north south east west new los san saint st tower airport act amendment \
     constitution commission administration campaign coalition foundation society police army navy force guard \
     security twitter facebook cnn nbc abc cbs msnbc fox bbc npr ap reuters web services cloud capitol pentagon \
     kremlin islamic democracy republic today video read photo image islands beach valley lake river park day \
     week korea kingdom europe european russia china iran israel ukraine affairs defense homeland treasury trade \
     world global nations organization project research health public media tv daily tribune herald",
    )
});

/// The days of the week.
pub(super) fn is_day(form: &str) -> bool {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].contains(&form)
}

/// Verbs and joining words that stand inside no noun phrase.
pub(super) fn is_verbal(form: &str) -> bool {
    [
        "is", "was", "are", "were", "be", "been", "has", "have", "had", "to", "that", "would", "will", "could", "he",
        "she", "they",
    ]
    .contains(&form)
}

/// Whether a word is part of the name of a place, a day or a body.
pub(super) fn is_impersonal(form: &str) -> bool {
    IMPERSONAL.contains(form)
}

/// Small words inside a name.
pub(super) fn is_particle(form: &str) -> bool {
    ["de", "van", "von", "der", "den", "bin", "ibn", "al", "el", "la", "le", "da", "di", "du", "dos", "del", "ben"]
        .contains(&form)
}

/// What follows a surname and is none.
pub(super) fn is_suffix(form: &str) -> bool {
    ["jr", "sr", "ii", "iii", "iv", "phd", "md"].contains(&form)
}

/// Who speaks, by a pronoun of one person.
pub(super) fn is_personal(form: &str) -> bool {
    ["he", "she"].contains(&form)
}

/// Pronouns that name nobody here.
pub(super) fn is_other_pronoun(form: &str) -> bool {
    ["i", "we", "it", "they", "you", "that", "this", "which", "what", "who", "there", "those", "some", "others", "one"]
        .contains(&form)
}

/// Words that begin a noun phrase.
pub(super) fn is_determiner(form: &str) -> bool {
    ["the", "a", "an", "his", "her", "their", "its", "our", "my", "this", "that", "these", "those", "one", "another"]
        .contains(&form)
        || ["some", "several", "many", "two", "three", "other", "most", "few", "both"].contains(&form)
}

/// Prepositions that tie a noun to the one before it: "a spokesman for the company".
pub(super) fn ties(form: &str) -> bool {
    ["for", "of", "at", "from", "with"].contains(&form)
}

/// Prepositions that begin a circumstance: "in a statement".
pub(super) fn is_circumstance(form: &str) -> bool {
    ["in", "on", "during", "after", "before", "via", "through", "by", "to", "about", "under", "over", "into", "near"]
        .contains(&form)
}

/// Words that may stand between a subject and its verb.
pub(super) fn may_intervene(form: &str) -> bool {
    let fixed = [
        "also",
        "later",
        "then",
        "has",
        "have",
        "had",
        "once",
        "again",
        "further",
        "even",
        "just",
        "now",
        "never",
        "often",
        "first",
        "reportedly",
        "himself",
        "herself",
        "recently",
        "famously",
        "did",
        "would",
        "will",
        "and",
        "was",
        "still",
        "soon",
        "simply",
        "instead",
        "not",
        "today",
        "yesterday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "sarcastically",
    ];
    fixed.contains(&form) || (form.len() > 4 && form.ends_with("ly"))
}

/// Capitalised at the head of a sentence, and no name.
pub(super) fn is_opener(form: &str) -> bool {
    [
        "however",
        "meanwhile",
        "asked",
        "according",
        "earlier",
        "later",
        "last",
        "still",
        "yet",
        "though",
        "although",
        "since",
        "when",
        "while",
        "even",
        "also",
        "like",
        "one",
        "two",
        "three",
        "many",
        "another",
        "instead",
        "thus",
        "speaking",
        "citing",
        "referring",
        "responding",
        "replying",
        "writing",
        "calling",
        "saying",
        "noting",
        "hours",
        "yes",
        "no",
        "well",
        "besides",
        "among",
        "within",
        "without",
        "despite",
        "perhaps",
        "indeed",
        "finally",
        "moreover",
        "nevertheless",
        "nonetheless",
        "today",
        "yesterday",
        "critics",
        "supporters",
        "officials",
    ]
    .contains(&form)
}
