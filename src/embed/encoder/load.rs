//! From a model folder to an encoder, for the device and the numbers asked for.

use candle_core::Device;

use super::super::EmbedError;
use super::super::cuda::{self, CardModel};
use super::super::device::Devices;
use super::super::folder::{Making, ModelFolder};
use super::super::fused::{FusedModel, Steps, TokenTable};
use super::super::plain::PlainBert;
use super::super::precision::Precision;
use super::super::tokens::WindowReader;
use super::{Encoder, Engine, Pooled};

impl Encoder {
    /// Loads a model to be run in 32 bits: fused on the CPU, plain on another device. Runs on the threads of the
    /// current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where weights are missing, of another shape, not finite or not safetensors, or the
    /// tokenizer is not this model's; [`EmbedError::Unsupported`] where the device runs no model of this architecture.
    pub fn load(folder: ModelFolder, device: &Device) -> Result<Self, EmbedError> {
        Self::load_at(folder, device, Precision::F32)
    }

    /// As [`Encoder::load`], in the numbers asked for.
    ///
    /// # Errors
    /// As [`Encoder::load`], and [`EmbedError::Precision`] where processor, device or model do not run what is asked for.
    pub fn load_at(folder: ModelFolder, device: &Device, precision: Precision) -> Result<Self, EmbedError> {
        if !device.is_cpu() {
            precision.refuse_off_cpu()?;
            return Self::load_plain(folder, device);
        }
        let kernel = precision.kernel(&folder)?;
        let (engine, reader) = match &folder.entry {
            Making::Transformer(blueprint, pooling) => {
                let pooled = Pooled { pooling: pooling.clone(), hidden: blueprint.hidden };
                let (model, reader) = rayon::join(
                    || FusedModel::load(blueprint, &folder.weights, kernel),
                    || WindowReader::new(&folder, blueprint.vocab),
                );
                (Engine::Fused(Box::new(model?), pooled), reader?)
            }
            Making::Table => {
                let table = TokenTable::load(&folder.weights)?;
                let reader = WindowReader::new(&folder, table.vocab)?;
                (Engine::Table(table), reader)
            }
        };
        Self::new(engine, reader, folder)
    }

    /// Loads a model onto the devices that were opened: on cards in f16 unless asked otherwise. Where the choice of device
    /// was left to this crate, a model that cards do not run, or have no room for, is run on the CPU, and a note says why;
    /// bytes are for the CPU alone, so that cards are not tried.
    ///
    /// # Errors
    /// As [`Encoder::load_at`]; [`EmbedError::Device`] for a model that cards do not run, and [`EmbedError::Gpu`] where a
    /// card has no room for it or fails.
    pub fn load_on(folder: ModelFolder, devices: &Devices, precision: Precision) -> Result<Self, EmbedError> {
        if devices.cards().is_empty() || devices.left_open() && precision == Precision::Int8 {
            return Self::load_at(folder, &Device::Cpu, precision);
        }
        match load_cards(&folder, devices, precision) {
            Ok((engine, reader)) => Self::new(engine, reader, folder),
            Err(why) if devices.left_open() => match Self::load_at(folder, &Device::Cpu, precision) {
                Ok(mut encoder) => {
                    encoder.notes.push(format!("runs on the CPU: {why}"));
                    Ok(encoder)
                }
                // The CPU does not run such numbers: what is to be mended is why the card did not.
                Err(EmbedError::Precision { .. }) => Err(why),
                Err(error) => Err(error),
            },
            Err(why) => Err(why),
        }
    }

    /// Loads a BERT to be run by candle's own, which the fused path is measured against.
    ///
    /// # Errors
    /// As [`Encoder::load`], but for weights that are not finite.
    pub fn load_plain(folder: ModelFolder, device: &Device) -> Result<Self, EmbedError> {
        let model = PlainBert::load(&folder, device)?;
        let Making::Transformer(blueprint, pooling) = &folder.entry else {
            return Err(folder.tokenizer.bad("of a static token table"));
        };
        let pooled = Pooled { pooling: pooling.clone(), hidden: blueprint.hidden };
        let reader = WindowReader::new(&folder, blueprint.vocab)?;
        Self::new(Engine::Plain(model, pooled), reader, folder)
    }

    fn new(engine: Engine, reader: WindowReader, folder: ModelFolder) -> Result<Self, EmbedError> {
        let (steps, full) = Steps::load(&folder.after, engine.width())?;
        let prompt = folder.default_prompt.clone().unwrap_or_default();
        Ok(Self {
            full,
            dim: folder.truncate_dim.map_or(full, |dim| dim.min(full)),
            max_tokens: folder.max_tokens,
            prompts: folder.prompts().clone(),
            query_prompt: prompt.clone(),
            prompt,
            device: engine.device(),
            notes: folder.notes().iter().chain(engine.note()).cloned().collect(),
            name: folder.name,
            reader,
            engine,
            steps,
        })
    }
}

/// Loads a model onto cards.
fn load_cards(
    folder: &ModelFolder,
    devices: &Devices,
    precision: Precision,
) -> Result<(Engine, WindowReader), EmbedError> {
    let kind = precision.on_cards()?;
    let (Making::Transformer(blueprint, pooling), None) = (&folder.entry, cuda::refusal(folder)) else {
        let why = format!("model {} {}", folder.name, cuda::refusal(folder).unwrap_or_default());
        return Err(EmbedError::Device { asked: devices.name(), why });
    };
    let pooled = Pooled { pooling: pooling.clone(), hidden: blueprint.hidden };
    let (model, reader) = rayon::join(
        || CardModel::load(folder, (blueprint, pooling), (devices.cards(), kind)),
        || WindowReader::new(folder, blueprint.vocab),
    );
    Ok((Engine::Cards(Box::new(model?), pooled), reader?))
}

impl Engine {
    /// Where it runs, for the record.
    fn device(&self) -> String {
        match self {
            Self::Cards(model, _) => model.name().to_owned(),
            Self::Plain(..) | Self::Fused(..) | Self::Table(_) => "cpu".to_owned(),
        }
    }

    /// What was given up to run it, to be read after the model's name.
    fn note(&self) -> Option<&String> {
        match self {
            Self::Cards(model, _) => model.note(),
            Self::Plain(..) | Self::Fused(..) | Self::Table(_) => None,
        }
    }
}
